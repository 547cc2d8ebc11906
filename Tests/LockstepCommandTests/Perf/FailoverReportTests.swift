import Testing

@testable import LockstepCommand

@Suite
struct FailoverReportTests {
    /// Pauses of 1 to `count` milliseconds, the longest first.
    private func report(_ count: UInt64, state: Int = 0) -> FailoverReport {
        let replicas = [FleetVerdict.Replica(name: "m0", sequences: [1: 7]), .init(name: "m1", sequences: [1: 7])]
        return FailoverReport(
            kind: .leader, members: 3, stateBytes: state, pauses: (1...count).reversed().map { $0 * 1_000_000 },
            quiet: [400_000], verdict: FleetVerdict(replicas, acknowledged: [(1, 7)])
        )
    }

    @Test(arguments: [(1, "1.00", "1.00"), (2, "1.00", "2.00"), (50, "25.0", "50.0"), (100, "50.0", "99.0")])
    func aPercentileIsWhatSoManyTrialsDoNotExceed(trials: UInt64, p50: String, p99: String) {
        let text = report(trials).text
        #expect(text.contains("pause     p50 \(p50) ms   p99 \(p99) ms "), "\(text)")
    }

    @Test
    func jsonHasEveryFigure() {
        let expected = """
            {"kind":"leader","members":3,"stateBytes":4096,"trials":3,\
            "pauseMilliseconds":{"p50":2.000,"p99":3.000,"max":3.000},\
            "quietMilliseconds":{"p50":0.400,"p99":0.400,"max":0.400},"acknowledged":7,"lost":0,"duplicated":0,\
            "equal":true,"trialMilliseconds":[3.000,2.000,1.000],"quietTrialMilliseconds":[0.400],"debugBuild":
            """
        let line = report(3, state: 4096).json.line
        #expect(line.hasPrefix(expected), "\(line)")
    }

    @Test
    func theTableNamesEveryFigure() {
        let lines = report(3, state: 4096).text.split(separator: "\n")
        #expect(lines[0] == "Three members, with 4,096 bytes of state: the leader was killed three times.")
        #expect(lines[1] == "pause     p50 2.00 ms   p99 3.00 ms   max 3.00 ms")
        #expect(lines[2] == "without   p50 400 µs   p99 400 µs   max 400 µs, in a tenth of a second before each")
        #expect(lines[3] == "updates   7 updates were acknowledged, and each is on every replica exactly once.")
        #expect(report(1).text.hasPrefix("Three members: the leader was killed once.\n"))
    }
}
