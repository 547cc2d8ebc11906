/// A reader of what a detached replica publishes.
package struct DetachedReader<Actor: ReplicatedActor> {
    private let feed: ChangeFeed
    private let client: SessionKey?
    private let known: UInt64
    private var position: ChangeFeed.Position
    private var news: PendingReply?

    init(_ feed: ChangeFeed, _ position: ChangeFeed.Position, for client: SessionKey? = nil) {
        (self.feed, self.position, self.client) = (feed, position, client)
        known = position.version
    }

    /// The next publication; nil if there is none yet.
    package mutating func next() -> Publication<Actor.Change>? {
        if let news {
            guard news.isAnswered else { return nil }
            self.news = nil
            if let known: ChangeFeed.Position = try? news.outcome() { position = known }
        }
        switch try? feed.next(&position, after: known, for: client) {
        case .change(let change as Actor.Change, let version): return .change(change, version: version)
        case .lagged(let version): return .lagged(version: version)
        case .wait(let reply):
            news = reply
            return nil
        case .change, nil: return nil
        }
    }
}

/// What a member tells a client of what its replica publishes.
package struct DetachedWatch<Actor: ReplicatedActor> {
    private var reader: DetachedReader<Actor>

    init(_ reader: DetachedReader<Actor>) { self.reader = reader }

    /// The next publication, encoded, or no bytes if some are missing up to a version; nil if there is none yet.
    package mutating func next() -> (version: UInt64, bytes: [UInt8]?)? {
        switch reader.next() {
        case .change(let change, let version): (version, try? WireWriter.bytes(of: change))
        case .lagged(let version): (version, nil)
        case nil: nil
        }
    }
}

/// What a group publishes, as it comes to a client through whichever members.
package final class DetachedChanges<Actor: ReplicatedActor> {
    private let changes: ClientChanges

    /// Everything is wanted behind the version at which the session was opened.
    package init(after version: UInt64, kept: Int) {
        changes = ClientChanges(ChangeFeed(kept: kept)) { bytes -> any Sendable in
            let change: Actor.Change = try WireReader.value(in: bytes)
            return change
        }
        changes.begin(after: version)
    }

    /// Behind which version another member has to begin.
    package func resume() -> UInt64 { changes.resume() }

    /// A member has told of a change, or that some are missing.
    package func take(_ version: UInt64, _ bytes: [UInt8]?) { changes.take(version, bytes) }

    /// Reads what has come.
    package func makeReader() -> DetachedReader<Actor> { DetachedReader(changes.feed, changes.feed.end) }
}
