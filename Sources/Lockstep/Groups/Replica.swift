import LockstepProtocol

/// What a shard delivers to. It lives on the poller's thread.
protocol Replica: EffectRunner {
    /// Runs everything that may be delivered and is not yet, in order; true if there was something.
    func deliver(from core: inout OrderedMulticast, own: inout OwnMessages) throws(ProtocolError) -> Bool

    /// What was delivered to a lane, and may not be executed yet; nil if there is none.
    var inLane: LaneMessages? { get }

    /// Answers queries from what has been delivered so far.
    func answer(_ queries: [OutgoingQuery])

    /// Runs a call to this member alone, between two updates, perhaps later.
    func serve(_ call: MemberCall)

    /// Looks at the state between two updates, perhaps later, on the thread that has it; it is given nil if the state is
    /// gone.
    func inspect(_ body: @escaping @Sendable ((any ReplicaState)?) -> Void)

    /// The view ends: what may be delivered is taken from now on, also where there is no room for it.
    func noteEnd()

    /// A view begins, with these replicas, which all support a level.
    func enter(_ view: View, _ replicas: [View.Member], at level: Int)

    /// The actor hears of the view that has begun, if it wants to.
    func note(_ change: GroupView)

    /// True if a replica that comes later has to be given the state.
    var hasState: Bool { get }

    /// Hands over the state that is there when everything delivered so far has been executed.
    func takeSnapshot(_ body: @escaping @Sendable (Result<ReplicaSnapshot, any Error>) -> Void)

    /// Goes on from where another replica was, perhaps later; nothing has changed if that fails.
    func restore(from snapshot: ReplicaSnapshot, then done: @escaping @Sendable (Result<Void, any Error>) -> Void)

    /// Runs a message that was kept until the replica had the state.
    func execute(_ message: KeptMessage)

    /// Nothing is delivered or looked at any more.
    func close()
}

/// What sees to it that what updates have left is done.
protocol EffectRunner: AnyObject {
    /// From now on this member does what updates leave to be done, or another one does.
    func become(doer: Bool)

    /// Does what updates have left and what can be done now; returns when to do it again, on the monotonic clock, nil if
    /// not before the next update.
    func driveEffects() -> Int64?

    /// Nothing is delivered any more: what was begun ends.
    func stopEffects()
}

extension EffectRunner {
    func become(doer: Bool) {}

    func driveEffects() -> Int64? { nil }

    func stopEffects() {}
}

/// What has the state of a replica, and stays on the thread that runs its updates.
protocol ReplicaState: AnyObject {
    /// Updates executed since the beginning.
    var updates: UInt64 { get }

    /// Why the replica could not be made anew from a snapshot, if it could not.
    var restoringFailure: (any Error)? { get }

    /// What became of a call of any member, given whether the shard delivers nothing more.
    func outcome(of call: CallID, isOver: Bool) -> CallOutcome

    /// A view begins, with these replicas, which all support a level.
    func enter(_ view: View, _ replicas: [View.Member], at level: Int)

    /// The actor hears of the view that has begun, if it wants to.
    func note(_ change: GroupView)

    /// Everything that another replica needs to go on from here.
    func takeSnapshot() throws -> ReplicaSnapshot

    /// Goes on from where another replica was. If it throws, nothing has changed.
    func restore(from snapshot: ReplicaSnapshot) throws

    /// How this replica came to differ from another, if it has.
    var divergence: Divergence? { get }

    /// What gives a hash that is equal on replicas with equal state: of the state as it is now, on any thread.
    func captureHash() -> @Sendable () -> UInt64

    /// How much updates have left to be done.
    var effects: (timers: Int, outbox: Int) { get }
}

/// A replica that can run in a lane.
protocol LaneRunner: ReplicaState, EffectRunner {
    func answer(_ queries: [OutgoingQuery])

    /// Runs a call to this member alone.
    func serve(_ call: MemberCall)

    /// Runs one message.
    func run(_ message: OrderedMulticast.Message, _ waiting: InFlight?)
}

extension LaneRunner {
    func serve(_ call: MemberCall) { call.refuse("The group has no methods.") }
}

extension Replica {
    var inLane: LaneMessages? { nil }

    func execute(_ message: KeptMessage) {}

    func answer(_ queries: [OutgoingQuery]) {}

    func serve(_ call: MemberCall) { call.refuse("The group has no methods.") }

    func noteEnd() {}

    func close() {}

    var hasState: Bool { false }
}

extension Replica where Self: ReplicaState {
    func inspect(_ body: @escaping @Sendable ((any ReplicaState)?) -> Void) { body(self) }

    func takeSnapshot(_ body: @escaping @Sendable (Result<ReplicaSnapshot, any Error>) -> Void) {
        body(Result { try takeSnapshot() })
    }

    func restore(from snapshot: ReplicaSnapshot, then done: @escaping @Sendable (Result<Void, any Error>) -> Void) {
        done(Result { try restore(from: snapshot) })
    }
}

extension ReplicaState {
    var divergence: Divergence? { nil }

    func captureHash() -> @Sendable () -> UInt64 { { 0 } }

    var restoringFailure: (any Error)? { nil }

    func outcome(of call: CallID, isOver: Bool) -> CallOutcome { .unknown }

    func enter(_ view: View, _ replicas: [View.Member], at level: Int) {}

    func note(_ change: GroupView) {}

    func takeSnapshot() throws -> ReplicaSnapshot {
        ReplicaSnapshot(updates: updates, executed: [], state: .captured(StateWriter().finish()))
    }

    func restore(from snapshot: ReplicaSnapshot) throws {}

    var effects: (timers: Int, outbox: Int) { (0, 0) }
}
