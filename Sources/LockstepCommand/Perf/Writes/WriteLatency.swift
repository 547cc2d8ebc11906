import CLockstep
import LockstepFabric

/// How soon a write of the first member is seen by the second: one goes back and forth, and takes half of that time.
struct WriteLatency {
    /// What a member does until the write of the other is there.
    enum Waiting {
        /// Looks all the time, as perftest does.
        case looking
        /// Sleeps, and is woken by the write.
        case sleeping
    }

    private let words: BenchmarkWords
    /// Where the write lies, in the region of each.
    private let place: Range<Int>
    private let waiting: Waiting
    private let other: PeerSet
    private let mirror: Mirror

    init(_ words: BenchmarkWords, _ place: Range<Int>, _ waiting: Waiting) {
        (self.words, self.place, self.waiting) = (words, place, waiting)
        let peer = Peer(1 - words.memory.rank)
        other = PeerSet([peer])
        mirror = words.fabric.mirror(of: peer)
    }

    /// Lets it go back and forth for a time.
    func run(part: UInt64, nanoseconds: Int64, into histogram: LatencyHistogram) -> LatencyHistogram {
        // What is written is never what it was in another part.
        let first = part << 32
        let end = first | (1 << 32 - 1)
        guard words.memory.rank == 0 else {
            answer(after: first, until: end)
            return histogram
        }
        return ask(after: first, until: lockstep_monotonic_ns() + nanoseconds, end, histogram)
    }

    private func ask(
        after first: UInt64, until deadline: Int64, _ end: UInt64, _ before: LatencyHistogram
    ) -> LatencyHistogram {
        var histogram = before
        var number = first
        var now = lockstep_monotonic_ns()
        while now < deadline {
            number += 1
            let start = now
            write(number)
            wait { has(number) }
            now = lockstep_monotonic_ns()
            histogram.record(UInt64(now - start) / 2)
        }
        write(end)
        return histogram
    }

    private func answer(after first: UInt64, until end: UInt64) {
        var number = first
        while true {
            number += 1
            wait { has(number) || has(end) }
            if has(end) { return }
            write(number)
        }
    }

    /// Writes a number to every word, and sends them in one push.
    private func write(_ number: UInt64) {
        for offset in stride(from: place.lowerBound, to: place.upperBound, by: 8) {
            words.fabric.region.storeReleasing(number, at: offset)
        }
        words.fabric.push(place, to: other)
        switch waiting {
        case .looking: words.fabric.flush(other)
        case .sleeping: words.wake(other)
        }
    }

    /// True if all of a write has arrived. Words of one push have no order, but the last is seldom the first.
    private func has(_ number: UInt64) -> Bool {
        stride(from: place.upperBound - 8, through: place.lowerBound, by: -8).allSatisfy {
            mirror.loadAcquiring($0) == number
        }
    }

    private func wait(until isSo: () -> Bool) {
        switch waiting {
        case .looking: words.look(until: isSo)
        case .sleeping: words.sleep(until: isSo)
        }
    }
}
