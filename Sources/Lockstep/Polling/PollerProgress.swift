import Synchronization

/// What a poller is at, for those who watch it from another thread. Only the poller writes it, with plain stores.
final class PollerProgress: Sendable {
    private let steps = Atomic<UInt64>(0)
    private let isParked = Atomic<Bool>(false)
    private let shard = Atomic<Int>(Snapshot.noShard)
    private let method = Atomic<UInt32>(0)

    /// What it was at when somebody looked.
    struct Snapshot: Sendable, Equatable {
        fileprivate static let noShard = -1

        /// Differs from that of any later step.
        let steps: UInt64
        /// True if it sleeps, or is about to.
        let isParked: Bool
        /// What it delivers to, nil if it does something else.
        let shard: Int?
        /// The number of the method that it runs or ran last, 0 if there was none in this shard.
        let method: UInt32
    }

    var snapshot: Snapshot {
        let shard = shard.load(ordering: .relaxed)
        return Snapshot(
            steps: steps.load(ordering: .relaxed), isParked: isParked.load(ordering: .relaxed),
            shard: shard == Snapshot.noShard ? nil : shard, method: method.load(ordering: .relaxed)
        )
    }

    // MARK: - On the poller

    func begin(shard number: Int) {
        method.store(0, ordering: .relaxed)
        shard.store(number, ordering: .relaxed)
        step()
    }

    func endShard() { shard.store(Snapshot.noShard, ordering: .relaxed) }

    @inline(__always)
    func begin(method number: UInt32) {
        method.store(number, ordering: .relaxed)
        step()
    }

    @inline(__always)
    func step() { steps.store(steps.load(ordering: .relaxed) &+ 1, ordering: .relaxed) }

    func park() { isParked.store(true, ordering: .relaxed) }

    func unpark() {
        isParked.store(false, ordering: .relaxed)
        step()
    }
}
