import CLockstep
import LockstepFabric

/// Sees to it that what the updates of a group have left is done, on the one member that does it.
///
/// It lives on the poller's thread. What it does is repeated by whoever comes after it, so that it keeps nothing that
/// the replicas do not have.
final class EffectDriver {
    private let queue: SendQueue
    private let worker: EffectWorker
    private let tasks: PollerTasks
    /// True while this member is the one.
    private(set) var isDoer = false
    /// The outbox's effects that this member has begun.
    private var begun: [EffectID.Place: Task<Void, Never>] = [:]
    /// After this a ring that was full is tried again, in nanoseconds.
    private let retryPause: Int64 = 1_000_000

    init(queue: SendQueue, worker: EffectWorker, tasks: PollerTasks) {
        self.queue = queue
        self.worker = worker
        self.tasks = tasks
    }

    /// Begins anew: this member is the one that does it from now on, or is not.
    func become(doer: Bool, of effects: inout Effects) {
        stop()
        isDoer = doer
        effects.takeOver()
    }

    /// Proposes the timers that are due, and begins what else may be done; returns when to look again, on the monotonic
    /// clock, nil if not before the next update.
    func drive(_ effects: inout Effects) -> Int64? {
        guard isDoer else { return nil }
        if effects.outbox.hasNews { begin(effects.outbox.takeReady { begun[$0] != nil }) }
        guard let due = effects.timers.nextDue() else { return nil }
        let wait = due.nanoseconds - lockstep_realtime_ns()
        if wait > 0 { return Duration.nanoseconds(wait).deadline }
        var isFull = false
        effects.timers.proposeDue(at: Timestamp(nanoseconds: lockstep_realtime_ns())) { place in
            isFull = !propose(place)
            return !isFull
        }
        if isFull { return now() + retryPause }
        return effects.timers.nextDue().map {
            Duration.nanoseconds($0.nanoseconds - lockstep_realtime_ns()).deadline
        }
    }

    /// An effect is not in the outbox any more.
    func noteDone(_ place: EffectID.Place) { begun.removeValue(forKey: place)?.cancel() }

    /// Ends what was begun. Another member does it, or this one in another view.
    func stop() {
        for task in begun.values { task.cancel() }
        begun = [:]
    }

    private func begin(_ ready: [(EffectID.Place, Outbox.Entry)]) {
        for (place, entry) in ready {
            let worker = worker
            // What is outside may block its thread, which must not be the poller's.
            begun[place] = Task(executorPreference: entry.target == nil ? globalConcurrentExecutor : tasks) {
                await worker.work(on: entry, at: place)
            }
        }
    }

    /// Says that a timer is due; false if there is no room for it now.
    private func propose(_ timer: EffectID.Place) -> Bool {
        do {
            let message = try CallArguments.ofTimer(timer)
            guard let space = try queue.claimNow(message.byteCount, upTo: 1) else { return false }
            message.withBytes { space.bytes(0).copyMemory(from: $0) }
            try queue.commit(space)
        } catch {
            // The group has ended here. In another view the timer is proposed again.
        }
        return true
    }
}
