import Testing

@testable import LockstepCommand

@Suite
struct CoordinationReportTests {
    private func figures(rank: UInt64, turns: UInt64 = 0, killed: UInt64 = 0, elected: UInt64 = 0)
        -> CoordinationFigures
    {
        let times = Percentiles(count: 4, p50: 10_000, p99: 20_000, p999: 30_000, max: 40_000)
        return CoordinationFigures(
            rank: rank, turn: times, wholeTurn: times, crowded: times, turns: turns, nanoseconds: 2_000_000_000,
            killed: killed, elected: elected
        )
    }

    @Test
    func figuresAreOneLine() {
        let message = PerfMessage.coordination(figures(rank: 2, turns: 5, killed: 7, elected: 9))
        #expect(PerfMessage(message.line) == message)
        #expect(PerfMessage(message.line.replacing("elected=9", with: "")) == nil)
    }

    @Test
    func turnsOfAllMembersCountTogether() {
        let trials = [0, 1].map { _ in [figures(rank: 0, turns: 100), figures(rank: 1, turns: 300)] }
        let report = CoordinationReport(.handover, trials)
        #expect(report.turnsPerSecond == 200)
        let start = #"{"primitive":"handover","caller":"poller","figures":{"handoversPerSecond":200.0},"debugBuild""#
        #expect(report.json.line.hasPrefix(start), "\(report.json.line)")
        #expect(CoordinationReport(.handover, [[]]).turnsPerSecond == 0)
    }

    @Test
    func aFailoverEndsWithTheFirstWhoIsElected() {
        let trials = [
            [figures(rank: 0, killed: 1000), figures(rank: 1, elected: 9000), figures(rank: 2, elected: 5000)],
            [figures(rank: 0, killed: 1000), figures(rank: 1), figures(rank: 2)],
        ]
        #expect(CoordinationReport(.election, trials).failovers == [4000])
    }

    @Test(arguments: Primitive.allCases)
    func everyPrimitiveHasATable(primitive: Primitive) {
        let report = CoordinationReport(
            primitive, [[figures(rank: 0, turns: 10, killed: 1), figures(rank: 1, elected: 3)]])
        #expect(report.text.split(separator: "\n").count >= 3)
        #expect(report.json.line.contains(#""primitive":"\#(primitive.rawValue)""#))
    }
}
