import LockstepFabric
import Synchronization

/// Notices, on a thread of its own, a poller that is stuck in one step: one update, or one piece of a task.
final class Watchdog: Sendable {
    private let sleeper = Sleeper()
    private let isStopped = Atomic<Bool>(false)

    /// Calls back, once, when the poller has not got on for `limit`.
    init(
        _ progress: PollerProgress, limit: Duration, whenStuck: @escaping @Sendable (PollerProgress.Snapshot) -> Void
    ) throws(LockstepError) {
        let period = max(limit.nanoseconds / Int64(StallCount.looks), 1)
        do {
            _ = try BlockingThread(name: "lockstep-watch") { [sleeper] in
                var stall = StallCount()
                while true {
                    let wakes = sleeper.wakes
                    if self.isStopped.load(ordering: .sequentiallyConsistent) { return }
                    sleeper.sleep(since: wakes, until: now() + period)
                    let snapshot = progress.snapshot
                    if stall.isStuck(snapshot) { return whenStuck(snapshot) }
                }
            }
        } catch {
            throw LockstepError(.unsupportedHost, error.description, cause: error)
        }
    }

    /// Ends the thread.
    func stop() {
        isStopped.store(true, ordering: .sequentiallyConsistent)
        sleeper.wake()
    }
}

/// How often in a row a poller was found at the same step.
///
/// Looks are counted, and no time: when the whole process was stopped, or the watching thread came late, that is one
/// look more, and no proof against the poller.
struct StallCount {
    static let looks = 8

    private var last: PollerProgress.Snapshot?
    private var count = 0

    /// Notes what was seen; true if the poller is stuck.
    mutating func isStuck(_ snapshot: PollerProgress.Snapshot) -> Bool {
        count = !snapshot.isParked && snapshot == last ? count + 1 : 0
        last = snapshot
        return count >= Self.looks
    }
}
