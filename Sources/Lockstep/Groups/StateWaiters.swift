import Synchronization

/// Somebody who waits until a query of a replica says what they want.
struct StateWaiter: Sendable {
    let reply: PendingReply
    private let look: @Sendable (AnyObject, PendingReply) -> Void

    /// Waits for a value that is not nil.
    init<Replica: ReplicatedActor, Value: Sendable>(
        _ replica: Replica.Type, _ value: @escaping @Sendable (Replica.Queries) throws -> Value?
    ) {
        reply = PendingReply(onCancel: .ends)
        look = { actor, reply in
            guard let actor = actor as? Replica else { preconditionFailure("a waiter must look at its own replica") }
            do {
                if let value = try value(Replica.Queries(QueriedReplica(actor))) { reply.succeed(value) }
            } catch {
                reply.fail(error)
            }
        }
    }

    /// Looks at the replica, in its isolation and while it answers a query.
    func look(at actor: AnyObject) {
        if !reply.isAnswered { look(actor, reply) }
    }
}

/// Those who wait for something to be true of a replica's state. The replica's thread looks for them after each update;
/// where nobody waits, that is one load.
final class StateWaiters: Sendable {
    private let hasAny = Atomic<Bool>(false)
    private let state = Mutex(State())

    private struct State {
        var waiters: [StateWaiter] = []
        var failure: LockstepError?
    }

    var isEmpty: Bool { !hasAny.load(ordering: .relaxed) }

    /// Adds one that has looked at the present state, on the replica's thread.
    func add(_ waiter: StateWaiter) {
        let failure = state.withLock { state in
            if state.failure == nil, !waiter.reply.isAnswered {
                state.waiters.append(waiter)
                hasAny.store(true, ordering: .relaxed)
            }
            return state.failure
        }
        if let failure { waiter.reply.fail(failure) }
    }

    /// Looks at a replica that has changed.
    func look(at actor: AnyObject) {
        for waiter in state.withLock({ $0.waiters }) { waiter.look(at: actor) }
        forgetAnswered()
    }

    /// Forgets those who have what they want, or have given up.
    func forgetAnswered() {
        state.withLock { state in
            state.waiters.removeAll { $0.reply.isAnswered }
            hasAny.store(!state.waiters.isEmpty, ordering: .relaxed)
        }
    }

    /// Nothing is delivered any more.
    func end(because error: LockstepError) {
        let waiters = state.withLock { state in
            state.failure = state.failure ?? error
            return state.waiters
        }
        for waiter in waiters { waiter.reply.fail(error) }
        forgetAnswered()
    }
}
