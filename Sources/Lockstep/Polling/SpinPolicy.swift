/// When a thread spins, when it parks, and when it tries to own a core: arithmetic on times that the caller reads, in
/// nanoseconds of the monotonic clock.
struct SpinPolicy {
    /// How long a thread spins after its last work: several times what putting it to sleep and waking it costs. Who
    /// is still waited for after that is late for another reason, and the thread's sleep adds little to it.
    static let spinLimit: Int64 = 100_000
    /// The time between two looks at how undisturbed the core is. One costs half a microsecond, and whoever shares
    /// the core gets it for milliseconds.
    static let sampleInterval: Int64 = 100_000
    /// A core without work for so long is given back.
    static let idleLimit: Int64 = 1_000_000_000
    /// Others may have the core for one part in so many of the time: the kernel, and threads that run for microseconds,
    /// as those that send the heartbeats of the nodes of this host. (Ten nodes on one core take one in a hundred.) A busy
    /// thread takes a half.
    static let lostShare: Int64 = 50
    /// Time lost at once that is forgiven all the same: somebody's few slices.
    static let lostForgiven: Int64 = 10_000_000
    static let backoffMin: Int64 = 10_000_000
    static let backoffMax: Int64 = 1_000_000_000
    /// Owning a core for so long makes the next backoff a short one again.
    static let undisturbedMin: Int64 = 1_000_000_000

    enum Step: Equatable {
        case spin
        /// Spin if ``sample(lost:at:)`` allows it.
        case sample
        /// Try to own a core, and tell the outcome; then spin or park.
        case claim
        case park
        /// Give the core back, and park.
        case giveBack
    }

    private struct Ownership {
        let start: Int64
        var sampledAt: Int64
        var lost: Int64
        /// How much time may be lost.
        var credit = SpinPolicy.lostForgiven
    }

    private var ownership: Ownership?
    private var lastWork: Int64 = 0
    private var hasWorkedSinceParked = false
    private var backoff = SpinPolicy.backoffMin
    private var claimsAgainAt: Int64 = .min

    /// When a thread that parks must look again, to give back its core; nil if it has none.
    var idleDeadline: Int64? { ownership == nil ? nil : lastWork + Self.idleLimit }

    /// What to do after a turn without work; `hasWorked` says whether there was some since the last step.
    mutating func step(at now: Int64, hasWorked: Bool) -> Step {
        if hasWorked {
            lastWork = now
            hasWorkedSinceParked = true
        }
        guard hasWorkedSinceParked, now - lastWork < Self.spinLimit else { return rest(at: now) }
        guard let ownership else { return now < claimsAgainAt ? rest(at: now) : .claim }
        return now - ownership.sampledAt < Self.sampleInterval ? .spin : .sample
    }

    private mutating func rest(at now: Int64) -> Step {
        hasWorkedSinceParked = false
        guard let idleDeadline, now >= idleDeadline else { return .park }
        end(at: now)
        return .giveBack
    }

    /// The thread owns a core, and has lost so much time to others in its life.
    mutating func own(lost: Int64, at now: Int64) {
        ownership = Ownership(start: now, sampledAt: now, lost: lost)
    }

    /// False if others disturb the thread: then it no longer owns a core, and backs off.
    mutating func sample(lost: Int64, at now: Int64) -> Bool {
        guard var ownership else { return false }
        let earned = (now - ownership.sampledAt) / Self.lostShare
        let credit = ownership.credit + earned - (lost - ownership.lost)
        guard credit >= 0 else {
            backOff(at: now)
            return false
        }
        ownership.credit = min(credit, Self.lostForgiven)
        ownership.sampledAt = now
        ownership.lost = lost
        self.ownership = ownership
        return true
    }

    /// There is no core to own, or no longer.
    mutating func backOff(at now: Int64) {
        end(at: now)
        hasWorkedSinceParked = false
        claimsAgainAt = now + backoff
        backoff = min(backoff * 2, Self.backoffMax)
    }

    /// The thread gives its core back.
    mutating func end(at now: Int64) {
        if let ownership, now - ownership.start >= Self.undisturbedMin { backoff = Self.backoffMin }
        ownership = nil
    }
}
