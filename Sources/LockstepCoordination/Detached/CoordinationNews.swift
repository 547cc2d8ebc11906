import Lockstep

/// What the replicas publish.
package enum CoordinationNews: Sendable, Hashable {
    case admitted([TaskTicket], token: UInt64)
    case broken([TaskTicket])
    case leads(office: String, Leader?)
    case put(shelf: String, key: String, [UInt8]?)
    case said(topic: String, [UInt8])
    /// Some of it was missed.
    case lagged
}

/// A reader of what a replica publishes.
package struct CoordinationReader {
    private enum Kind {
        case turns(DetachedReader<Coordinator>)
        case values(DetachedReader<Store>)
    }

    private var kind: Kind

    init(turns reader: DetachedReader<Coordinator>) { kind = .turns(reader) }

    init(values reader: DetachedReader<Store>) { kind = .values(reader) }

    /// The next news with its version; nil if there is none yet.
    package mutating func next() -> (news: CoordinationNews, version: UInt64)? {
        switch kind {
        case .turns(var reader):
            defer { kind = .turns(reader) }
            return reader.next().map { Self.news($0) { CoordinationNews($0) } }
        case .values(var reader):
            defer { kind = .values(reader) }
            return reader.next().map { Self.news($0) { CoordinationNews($0) } }
        }
    }

    private static func news<Change>(
        _ publication: Publication<Change>, _ convert: (Change) -> CoordinationNews
    ) -> (CoordinationNews, UInt64) {
        switch publication {
        case .change(let change, let version): (convert(change), version)
        case .lagged(let version): (.lagged, version)
        }
    }
}

extension CoordinationNews {
    fileprivate init(_ change: Coordinator.Change) {
        self =
            switch change {
            case .admitted(let tickets, let token): .admitted(tickets.map { TaskTicket($0) }, token: token)
            case .broken(let tickets): .broken(tickets.map { TaskTicket($0) })
            case .leads(let office, let leader): .leads(office: office, leader)
            }
    }

    fileprivate init(_ change: Store.Change) {
        self =
            switch change {
            case .put(let shelf, let key, let bytes): .put(shelf: shelf, key: key, bytes)
            case .said(let topic, let bytes): .said(topic: topic, bytes)
            }
    }
}

/// What a member tells a client of what its replica publishes.
package struct CoordinationWatch {
    private enum Kind {
        case turns(DetachedWatch<Coordinator>)
        case values(DetachedWatch<Store>)
    }

    private var kind: Kind

    init(turns watch: DetachedWatch<Coordinator>) { kind = .turns(watch) }

    init(values watch: DetachedWatch<Store>) { kind = .values(watch) }

    /// The next publication, encoded, or no bytes if some are missing up to a version; nil if there is none yet.
    package mutating func next() -> (version: UInt64, bytes: [UInt8]?)? {
        switch kind {
        case .turns(var watch):
            defer { kind = .turns(watch) }
            return watch.next()
        case .values(var watch):
            defer { kind = .values(watch) }
            return watch.next()
        }
    }
}

/// What a group publishes, as it comes to a client through whichever members.
package final class CoordinationChanges {
    private enum Kind {
        case turns(DetachedChanges<Coordinator>)
        case values(DetachedChanges<Store>)
    }

    private let kind: Kind

    /// Everything is wanted behind the version at which the session was opened.
    package init(of group: CoordinationGroup, after version: UInt64, kept: Int) {
        kind =
            switch group {
            case .turns: .turns(DetachedChanges(after: version, kept: kept))
            case .values: .values(DetachedChanges(after: version, kept: kept))
            }
    }

    /// Behind which version another member has to begin.
    package func resume() -> UInt64 {
        switch kind {
        case .turns(let changes): changes.resume()
        case .values(let changes): changes.resume()
        }
    }

    /// A member has told of a change, or that some are missing.
    package func take(_ version: UInt64, _ bytes: [UInt8]?) {
        switch kind {
        case .turns(let changes): changes.take(version, bytes)
        case .values(let changes): changes.take(version, bytes)
        }
    }

    /// Reads what has come.
    package func makeReader() -> CoordinationReader {
        switch kind {
        case .turns(let changes): CoordinationReader(turns: changes.makeReader())
        case .values(let changes): CoordinationReader(values: changes.makeReader())
        }
    }
}
