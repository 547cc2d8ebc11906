import CLockstep
import LockstepFabric

/// How soon members that sleep can answer: the first gives a token to all others and gets it back from each.
struct WakeLimit {
    private let words: BenchmarkWords

    init(_ words: BenchmarkWords) { self.words = words }

    /// Passes the token around for a time.
    func run(part: UInt64, nanoseconds: Int64, into histogram: LatencyHistogram) -> LatencyHistogram {
        // The token is never what it was in another part.
        let first = part << 32
        guard words.memory.rank == 0 else {
            answer(first: first)
            return histogram
        }
        return ask(first: first, until: lockstep_monotonic_ns() + nanoseconds, histogram)
    }

    private func ask(first: UInt64, until deadline: Int64, _ before: LatencyHistogram) -> LatencyHistogram {
        var histogram = before
        let others = 1..<words.memory.count
        var token = first
        var now = lockstep_monotonic_ns()
        while now < deadline {
            token += 1
            let start = now
            words.set(.token, token)
            words.wake(words.others)
            words.sleep { others.allSatisfy { words.get(.echo, of: $0) >= token } }
            now = lockstep_monotonic_ns()
            histogram.record(UInt64(now - start))
        }
        words.set(.token, Self.end(of: first))
        words.wake(words.others)
        return histogram
    }

    private func answer(first: UInt64) {
        var token = first
        let asker = PeerSet([Peer(0)])
        while true {
            words.sleep { words.get(.token, of: 0) > token }
            token = words.get(.token, of: 0)
            if token == Self.end(of: first) { return }
            words.set(.echo, token)
            words.wake(asker)
        }
    }

    /// The token after the last.
    private static func end(of first: UInt64) -> UInt64 { first | (1 << 32 - 1) }
}
