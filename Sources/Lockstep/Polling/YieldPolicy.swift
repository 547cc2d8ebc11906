/// How often a thread that shares its core lets others run before it parks, and when it parks at once: arithmetic on
/// times that the caller reads, in nanoseconds of the monotonic clock.
///
/// Whom it waits for is often next in line on the same core, and then nobody has to be woken. (Three members on two
/// cores, 10 KB messages: twice the throughput of parking at once.) But if somebody else's work has the core, giving way
/// takes as long as the scheduler lets that run, and whoever sleeps instead is given the core as soon as it is woken.
struct YieldPolicy {
    /// More than so many brought nothing.
    static let yieldsMax = 20
    /// Longer waits are for somebody else's work. The other members of a group have the core for shorter: they fill or
    /// read a ring.
    static let waitLimit: Int64 = 1_000_000
    /// Long waits in a row after which it parks at once for a while; after that while, the first is enough.
    static let longWaitsMax = 2
    /// Waits have been short for so long that the next such while is a short one again.
    static let undisturbedMin: Int64 = 20_000_000
    static let backoffMin: Int64 = 10_000_000
    static let backoffMax: Int64 = 400_000_000

    private var yieldsLeft = 0
    private var yieldsAgainAt: Int64 = .min
    private var longWaitsLeft = YieldPolicy.longWaitsMax
    private var undisturbedSince: Int64 = 0
    private var backoff = YieldPolicy.backoffMin

    /// There was work: it may give way again before it parks.
    mutating func noteWork() { yieldsLeft = Self.yieldsMax }

    /// True if it shall give way now, and tell how long that took; false if it shall park.
    mutating func mayYield(at now: Int64) -> Bool {
        guard yieldsLeft > 0, now >= yieldsAgainAt else { return false }
        yieldsLeft -= 1
        return true
    }

    /// It has given way, and runs again.
    mutating func note(wait: Int64, until now: Int64) {
        guard wait > Self.waitLimit else {
            longWaitsLeft = Self.longWaitsMax
            if now >= undisturbedSince + Self.undisturbedMin { backoff = Self.backoffMin }
            return
        }
        undisturbedSince = now
        longWaitsLeft -= 1
        guard longWaitsLeft == 0 else { return }
        longWaitsLeft = 1
        yieldsAgainAt = now + backoff
        undisturbedSince = yieldsAgainAt
        backoff = min(backoff * 2, Self.backoffMax)
    }
}
