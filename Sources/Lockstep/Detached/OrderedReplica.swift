import LockstepProtocol

/// A ``DetachedReplica`` of whatever actor.
package protocol OrderedReplica: AnyObject {
    /// Begins a view.
    ///
    /// - Parameter installation: What has made it of the one before; nil if the group begins with it, or if the replica
    ///   is still to be given the state.
    func enter(_ view: MembershipView, me: MemberRecord, after installation: Installation?)

    /// Runs what comes next in the order; returns what it comes to for who waits for it, if anybody does.
    func run(_ message: OrderedMulticast.Message, isAwaited: Bool) -> DetachedReply?

    /// The timers and ends of sessions that are due at a time and were not proposed here, as messages that are to be sent, if
    /// this is the replica that does so.
    func proposeDue(at now: Int64) -> [[UInt8]]

    /// The state as it is now, for another replica.
    func captureState() throws -> DetachedState

    /// Goes on from what another replica was in this view.
    func restore(from state: DetachedState) throws

    /// Equal on equal replicas.
    var stateHash: UInt64 { get }

    /// The number of the last update.
    var version: UInt64 { get }
}

/// The state of a replica, on its way to another one.
package struct DetachedState: Sendable {
    let snapshot: ReplicaSnapshot

    init(_ snapshot: ReplicaSnapshot) { self.snapshot = snapshot }
}

/// What an update has come to at the member that sent it.
package struct DetachedReply {
    private let pending: PendingReply

    init(_ pending: PendingReply) { self.pending = pending }

    /// What a task of the member gets.
    package func value<Value: Sendable>(as type: Value.Type) throws -> Value { try pending.outcome() }

    /// What a client is told, as it travels.
    package func answer() throws -> DetachedAnswer {
        let answer: ClientAnswer = try pending.outcome()
        return DetachedAnswer(answer: answer)
    }
}

/// What a member tells a client of something that went through the order.
package struct DetachedAnswer: Sendable, Hashable {
    let answer: ClientAnswer

    /// That of the group behind it.
    package var version: UInt64 { answer.version }

    /// What the client's task gets.
    package func value<Value: Codable & Sendable>(as type: Value.Type) throws -> Value {
        try WireReader.value(in: answer.outcome.value)
    }

    /// The same for what returns nothing.
    package func end() throws { _ = try answer.outcome.value }
}
