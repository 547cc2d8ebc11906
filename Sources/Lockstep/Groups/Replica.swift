import DequeModule
import LockstepProtocol

/// What a shard delivers to. It lives on the poller's thread.
protocol Replica: AnyObject {
    /// Updates executed since the beginning.
    var updates: UInt64 { get }

    /// Runs everything that is stable and not delivered yet, in order; true if there was something.
    func deliver(from core: inout OrderedMulticast, own: inout OwnMessages) throws(ProtocolError) -> Bool

    /// A hash that is equal on replicas with equal state.
    func stateHash() -> UInt64
}

/// The messages of this node on their way, in the order in which they will be delivered.
struct OwnMessages {
    let member: Int
    var queue: Deque<InFlight> = []

    /// What was waiting for a message, if this node sent it.
    mutating func take(_ message: OrderedMulticast.Message) -> InFlight? {
        guard message.sender == member else { return nil }
        guard let first = queue.popFirst() else {
            preconditionFailure("a message of this node must be in flight until it is delivered")
        }
        return first
    }
}
