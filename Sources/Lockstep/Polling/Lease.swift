import Synchronization

/// Until when the other members go on without this one in no case, as the membership's thread tells the poller's.
final class Lease: Sendable {
    private let end = Atomic<Int64>(.min)

    /// The lease ends then, by the monotonic clock.
    func set(until end: Int64) { self.end.store(end, ordering: .releasing) }

    /// True if the lease lasts. A shard that is wedged must not rely on it.
    var holds: Bool { now() < end.load(ordering: .acquiring) }
}
