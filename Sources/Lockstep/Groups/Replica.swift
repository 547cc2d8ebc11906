import LockstepProtocol

/// What a shard delivers to. It lives on the poller's thread.
protocol Replica: AnyObject {
    /// Updates executed since the beginning.
    var updates: UInt64 { get }

    /// Runs everything that may be delivered and is not yet, in order; true if there was something.
    func deliver(from core: inout OrderedMulticast, own: inout OwnMessages) throws(ProtocolError) -> Bool

    /// Why the replica could not be made anew from a snapshot, if it could not.
    var restoringFailure: (any Error)? { get }

    /// How many messages of a member it has executed.
    func messages(of rank: Int) -> UInt64

    /// How this replica came to differ from another, if it has.
    var divergence: Divergence? { get }

    /// A hash that is equal on replicas with equal state.
    func stateHash() -> UInt64
}

extension Replica {
    var divergence: Divergence? { nil }

    var restoringFailure: (any Error)? { nil }

    func messages(of rank: Int) -> UInt64 { 0 }
}
