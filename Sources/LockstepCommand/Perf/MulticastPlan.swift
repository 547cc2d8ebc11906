/// When what is measured. The parts take turns, several times, so that a machine that becomes slower or faster
/// changes all of them alike.
struct MulticastPlan {
    /// Rounds that count; one before them, a fifth as long, warms up.
    static let rounds = 5
    /// Shorter parts say nothing.
    private static let nanosecondsMin: Int64 = 5_000_000
    /// A poller that is at one thing for longer could be taken for stuck.
    private static let nanosecondsAtOnceMax: Int64 = 2_000_000_000

    /// How long messages are sent in all rounds.
    let seconds: Double

    /// The parts of a round, in nanoseconds.
    struct Slices: Equatable {
        var ringLimit: Int64
        var multicast: Int64
        var wakeLimit: Int64
        var latency: Int64

        var sum: Int64 { ringLimit + multicast + wakeLimit + latency }
    }

    /// The parts of a round; round 0 warms up.
    func slices(round: Int) -> Slices {
        let multicast = seconds * 1e9 / Double(Self.rounds) / (round == 0 ? 5 : 1)
        return Slices(
            ringLimit: min(Self.nanosecondsAtOnceMax, Self.nanoseconds(multicast / 2)),
            multicast: Self.nanoseconds(multicast),
            wakeLimit: Self.nanoseconds(multicast / 5), latency: Self.nanoseconds(multicast / 5)
        )
    }

    /// What to show while it runs.
    func progress(roundsDone: Int) -> String {
        roundsDone == 0 ? "Warming up" : "Round \(min(roundsDone, Self.rounds)) of \(Self.rounds)"
    }

    private static func nanoseconds(_ value: Double) -> Int64 { max(nanosecondsMin, Int64(value)) }
}
