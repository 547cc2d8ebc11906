import Lockstep

/// A replica of one of the groups of coordination, of no node.
package final class CoordinationReplica {
    private enum Kind {
        case turns(DetachedReplica<Coordinator>)
        case values(DetachedReplica<Store>)
    }

    private let kind: Kind

    /// - Parameters:
    ///   - grace: See ``Coordination/Options/grace``.
    ///   - changesKept: How many publications it keeps for slow readers.
    package init(of group: CoordinationGroup, on node: DetachedNode, grace: Duration, changesKept: Int) throws {
        kind =
            switch group {
            case .turns:
                .turns(
                    try DetachedReplica(of: "coordination.turns", on: node, changesKept: changesKept) {
                        Coordinator(grace: grace, actorSystem: $0)
                    })
            case .values:
                .values(
                    try DetachedReplica(of: "coordination.values", on: node, changesKept: changesKept) {
                        Store(actorSystem: $0)
                    })
            }
    }

    /// As the order drives it.
    package var ordered: any OrderedReplica {
        switch kind {
        case .turns(let replica): replica
        case .values(let replica): replica
        }
    }

    /// Reads what is published from now on.
    package func makeReader() -> CoordinationReader {
        switch kind {
        case .turns(let replica): CoordinationReader(turns: replica.makeReader())
        case .values(let replica): CoordinationReader(values: replica.makeReader())
        }
    }

    /// Tells a client what concerns it and was published behind a version.
    package func makeWatch(for client: SessionKey, after version: UInt64) -> CoordinationWatch {
        switch kind {
        case .turns(let replica): CoordinationWatch(turns: replica.makeWatch(for: client, after: version))
        case .values(let replica): CoordinationWatch(values: replica.makeWatch(for: client, after: version))
        }
    }

    /// To see what goes wrong when nobody hears of the end of a session.
    package var hidesSessionEnds = false {
        didSet {
            switch kind {
            case .turns(let replica): replica.hidesSessionEnds = hidesSessionEnds
            case .values(let replica): replica.hidesSessionEnds = hidesSessionEnds
            }
        }
    }

    /// The same when it forgets sessions and timers.
    package func forgetEffects() {
        switch kind {
        case .turns(let replica): replica.forgetEffects()
        case .values(let replica): replica.forgetEffects()
        }
    }

    // MARK: - Queries

    /// The item that was handed out under a ticket.
    package func item(of key: String, _ ticket: TaskTicket) -> [UInt8]? {
        guard case .turns(let replica) = kind else { return nil }
        return replica.ask { $0.item(of: key, ticket: ticket.ticket) }
    }

    /// How many items wait in a queue.
    package func itemCount(of key: String) -> Int {
        guard case .turns(let replica) = kind else { return 0 }
        return replica.ask { $0.itemCount(of: key) }
    }

    /// True if nobody holds anything or waits.
    package var isIdle: Bool {
        guard case .turns(let replica) = kind else { return true }
        return replica.ask { $0.isIdle() }
    }

    /// What a counter has.
    package func count(of counter: String) -> Int {
        guard case .values(let replica) = kind else { return 0 }
        return replica.ask { $0.count(of: counter) }
    }

    /// A value, with its version.
    package func entry(at key: String, on shelf: String) -> (bytes: [UInt8], version: UInt64)? {
        guard case .values(let replica) = kind else { return nil }
        return replica.ask { $0.entry(at: key, on: shelf) }.map { ($0.bytes, $0.version) }
    }
}
