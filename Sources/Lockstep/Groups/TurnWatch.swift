import CLockstep

/// Notices updates that keep a poller from everything else.
struct TurnWatch {
    /// Longer than this is worth a word. The clock is coarse, so it may be a few milliseconds more.
    private static let limit: Int64 = 5_000_000
    /// The least time between two words.
    private static let silence: Int64 = 1_000_000_000

    private var last: Int64 = 0
    private var slow: Int64 = 0
    private var silentUntil: Int64 = .min

    /// An update begins.
    mutating func begin() { last = lockstep_monotonic_coarse_ns() }

    /// True if the update that has just ended took long; the next one begins.
    var isSlow: Bool {
        mutating get {
            let now = lockstep_monotonic_coarse_ns()
            slow = now - last
            last = now
            return slow > Self.limit
        }
    }

    /// How long it took, in nanoseconds; nil if there was a word a moment ago.
    mutating func takeSlow() -> Int64? {
        guard last >= silentUntil else { return nil }
        silentUntil = last + Self.silence
        return slow
    }
}
