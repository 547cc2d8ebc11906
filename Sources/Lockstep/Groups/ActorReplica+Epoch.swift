import LockstepFabric
import LockstepProtocol

// A replica from one view to the next, and from one node to another.
extension ActorReplica {
    var hasState: Bool { true }

    func enter(_ view: View, _ replicas: [View.Member], at level: Int) {
        if let epoch {
            let executed = counts.value.executed
            history.value.note(epoch.view, epoch.replicas) { executed[$0] }
            history.value.begin(view)
        }
        epoch = (view, replicas, level)
        counts.value.executed = Array(repeating: 0, count: replicas.count)
        system.enter(view, replicas, at: level)
    }

    func note(_ change: GroupView) {
        guard let aware = actor as? any ViewAware else { return }
        system.begin(change)
        aware.note(change)
        system.end()
        nonisolated(unsafe) let replica = self
        actor.inIsolation { replica.noteChange(on: $0) }
    }

    func outcome(of call: CallID, isOver: Bool) -> CallOutcome {
        switch history.value.trace(call) {
        case .ended(let outcome):
            return outcome
        case .goesOn(let call):
            guard let epoch, call.view == epoch.view.number,
                let place = epoch.replicas.firstIndex(where: { $0.rank == call.rank })
            else { return .unknown }
            if counts.value.executed[place] > call.number { return .executed }
            return isOver ? .unknown : .pending
        }
    }

    func takeSnapshot() throws -> ReplicaSnapshot {
        ReplicaSnapshot(updates: updates, executed: counts.value.executed, state: .captured(captureState()))
    }

    func restore(from snapshot: ReplicaSnapshot) throws {
        let other = try makeAnother()
        try Self.read(snapshot, into: other)
        take(other, with: snapshot)
    }

    /// The state is decoded elsewhere, so that the poller goes on receiving: all members wait for that.
    func restore(from snapshot: ReplicaSnapshot, then done: @escaping @Sendable (Result<Void, any Error>) -> Void) {
        // The instance is nobody else's until it is done, and this replica is touched on the poller only.
        nonisolated(unsafe) let replica = self
        let poller = queue.poller
        do {
            let other = try makeAnother()
            // A user's types may block while they are decoded, which the threads of Swift's pool must not.
            BlockingThread.run(named: "lockstep-state") {
                let result = Result { try Self.read(snapshot, into: other) }
                poller.run { _ in
                    if case .success = result { replica.take(other, with: snapshot) }
                    done(result)
                }
            }
        } catch {
            done(.failure(error))
        }
    }

    private func take(_ other: Actor, with snapshot: ReplicaSnapshot) {
        use(other)
        queue.changes.skip(to: system.version)
        counts.value.updates = snapshot.updates
        for place in counts.value.executed.indices where place < snapshot.executed.count {
            counts.value.executed[place] = snapshot.executed[place]
        }
    }
}
