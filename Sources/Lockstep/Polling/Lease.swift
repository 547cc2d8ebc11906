import Synchronization

/// Until when the other members go on without this one in no case, as the membership's thread tells the others.
final class Lease: Sendable {
    private let end = Atomic<Int64>(.min)
    /// When the last one was over, or given up: since then the others may have gone on.
    private let lastEnd = Atomic<Int64>(now())
    /// True if the poller waits for the lease to begin again.
    private let isAwaited = Atomic<Bool>(false)

    /// The lease ends then, by the monotonic clock: `.min` if there is none, `.max` if there is nobody else. True if
    /// somebody waits for that.
    func set(until end: Int64) -> Bool {
        let before = self.end.load(ordering: .relaxed)
        if end == .min, before != .min { lastEnd.store(min(before, now()), ordering: .relaxed) }
        self.end.store(end, ordering: .sequentiallyConsistent)
        guard isAwaited.load(ordering: .sequentiallyConsistent), now() < end else { return false }
        isAwaited.store(false, ordering: .relaxed)
        return true
    }

    /// True if the lease lasts. A shard that is wedged must not rely on it.
    var holds: Bool { now() < end.load(ordering: .acquiring) }

    /// The same; if not, ``set(until:)`` says that somebody waits.
    var holdsOrWakes: Bool {
        if holds { return true }
        isAwaited.store(true, ordering: .sequentiallyConsistent)
        // It may have been set since.
        return now() < end.load(ordering: .sequentiallyConsistent)
    }

    /// For how long there may have been a view without this member, in nanoseconds.
    var age: Int64 {
        let end = end.load(ordering: .acquiring)
        return max(0, now() - (end == .min ? lastEnd.load(ordering: .relaxed) : end))
    }
}
