/// How a group stands at one member.
public struct GroupStatus: Sendable, Hashable, Codable {
    /// The group.
    public let group: GroupID
    /// True if every member hosts the group, so that calls are delivered.
    public let isActive: Bool
    /// Which of this member's pollers moves the group's messages.
    public let poller: Int
    /// The members that do not host it yet, by name.
    public let missing: [String]
    /// Who has its replicas.
    public let layout: Layout
    /// How this member's replica is given the state; nil if it has it.
    public let transfer: Transfer?
    /// The least level of the replicas' releases (``Replicated(level:)``); nil if the group is not active here.
    public let level: Int?
    /// Updates executed here since the group began. Equal at two members that have executed the same.
    public let updates: UInt64
    /// A hash of the stored properties. Equal at two members that have executed the same.
    public let stateHash: UInt64
    /// How many timers wait to come due.
    public let timers: Int
    /// How many calls of other groups and effects outside wait to be done.
    public let outbox: Int
    /// The members that have not received what others have, the last first. Whoever stays here holds the group back:
    /// nothing is delivered before every member has it.
    public let slow: [SlowMember]
    /// How the replicas came to differ, nil as long as they are equal. Nothing mends itself then: restart the member
    /// whose replica is wrong, and look for what the methods that ran do differently in two processes.
    public let divergence: Divergence?

    /// Where a group is in a view; members by name, in rank order.
    public struct Layout: Sendable, Hashable, Codable {
        /// The layout's own name, such as `3 replicas, at least 2`.
        public let name: String
        /// Who has a replica with the state.
        public let replicas: [String]
        /// Who has a replica that is being given the state. It receives every update meanwhile.
        public let restoring: [String]
        /// Who hosts the group without a replica, and takes over when one is gone.
        public let spares: [String]
        /// Why calls wait though the group is active; nil if they do not.
        public let suspension: String?
        /// What is not as safe as it could be, such as replicas on one host.
        public let warnings: [String]
    }

    /// A state on its way to a member.
    public struct Transfer: Sendable, Hashable, Codable {
        /// Who gives it.
        public let source: String
        /// How much of it has come, encoded.
        public let bytes: Int
        /// How much of the whole that is, about: 0 to 1.
        public let fraction: Double
        /// For how long it has been on its way in this view.
        public let duration: Duration
    }

    /// A member behind the others.
    public struct SlowMember: Sendable, Hashable, Codable {
        /// The member's name.
        public let name: String
        /// How many places of the order it is behind the first; some of them may be empty.
        public let positions: UInt64
        /// For how long it has lacked something that another has.
        public let duration: Duration
    }
}

/// What a replica says of itself between two updates.
struct ReplicaStatus: Sendable {
    let updates: UInt64
    /// Hashes the state as it was then, on any thread.
    let hashState: @Sendable () -> UInt64
    let effects: (timers: Int, outbox: Int)
    let divergence: Divergence?

    init(_ replica: any ReplicaState) {
        updates = replica.updates
        hashState = replica.captureHash()
        effects = replica.effects
        divergence = replica.divergence
    }
}
