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

    /// Proposes what is due, and begins what else may be done; returns when to look again, on the monotonic clock, nil if
    /// not before the next update.
    func drive(_ effects: inout Effects) -> Int64? {
        guard isDoer else { return nil }
        if effects.outbox.hasNews { begin(effects.outbox.takeReady { begun[$0] != nil }) }
        guard let due = Self.nextDue(&effects) else { return nil }
        let wait = due.nanoseconds - lockstep_realtime_ns()
        if wait > 0 { return Duration.nanoseconds(wait).deadline }
        let present = Timestamp(nanoseconds: lockstep_realtime_ns())
        guard Self.proposeDue(&effects, at: present, propose) else { return now() + retryPause }
        return Self.nextDue(&effects).map { Duration.nanoseconds($0.nanoseconds - lockstep_realtime_ns()).deadline }
    }

    /// Proposes the timers and the ends of sessions that are due and were not proposed here; false if `propose` had no room
    /// for one.
    static func proposeDue(
        _ effects: inout Effects, at present: Timestamp, _ propose: (() throws -> CallArguments) -> Bool
    ) -> Bool {
        var isFull = false
        effects.timers.proposeDue(at: present) { place in
            isFull = !propose { try .ofTimer(place, stamp: present.nanoseconds) }
            return !isFull
        }
        effects.sessions.proposeDue(at: present) { key in
            isFull = isFull || !propose { try .ofSession(.due(key), stamp: present.nanoseconds) }
            return !isFull
        }
        return !isFull
    }

    /// When the next timer or the end of the next session is due that was not proposed here.
    private static func nextDue(_ effects: inout Effects) -> Timestamp? {
        guard let timer = effects.timers.nextDue() else { return effects.sessions.nextDue() }
        return effects.sessions.nextDue().map { min($0, timer) } ?? timer
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

    /// Says that something is due; false if there is no room for it now.
    private func propose(_ message: () throws -> CallArguments) -> Bool {
        do {
            let message = try message()
            guard let space = try queue.claimNow(message.byteCount, upTo: 1) else { return false }
            message.withBytes { space.bytes(0).copyMemory(from: $0) }
            try queue.commit(space)
        } catch {
            // The group has ended here. In another view it is proposed again.
        }
        return true
    }
}
