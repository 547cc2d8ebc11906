import Lockstep

/// A request of one task, as all replicas know it.
@Wire
struct Ticket: Codable, Sendable, Hashable {
    /// The ``Coordination`` that the task has asked.
    let client: UInt64
    let number: UInt64
}

/// Somebody who holds something, or waits for it.
@Wire
struct Party: Codable, Sendable, Hashable {
    let ticket: Ticket
    /// The incarnation of the member that asked.
    let owner: UInt64
}
