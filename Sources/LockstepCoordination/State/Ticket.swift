import Lockstep

/// A request of one task, as all replicas know it.
@Wire
struct Ticket: Codable, Sendable, Hashable {
    /// The ``Coordination`` that the task has asked.
    let client: UInt64
    let number: UInt64
}

/// With whom everything ends that it holds or waits for.
enum Owner: Codable, Sendable, Hashable {
    /// The incarnation of a member.
    case member(UInt64)
    case client(SessionKey)
}

extension UpdateContext {
    /// Who asks.
    var owner: Owner { client.map(Owner.client) ?? .member(caller.incarnation) }
}

/// Somebody who holds something, or waits for it.
struct Party: Codable, Sendable, Hashable {
    let ticket: Ticket
    let owner: Owner
}

extension [Party] {
    /// Those outside the group, who are told of nothing but what concerns them.
    var clients: Set<SessionKey> {
        Set(compactMap { party in if case .client(let session) = party.owner { session } else { nil } })
    }
}
