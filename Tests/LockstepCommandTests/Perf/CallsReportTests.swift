import Testing

@testable import LockstepCommand

@Suite
struct CallsReportTests {
    private let setup = CallsSetup(members: 2, callers: 1, mode: .awaited, caller: .task, seconds: 5)

    /// The first member makes 500 calls in each round, in the time of 1000 raw messages.
    private func reports() -> [[PerfMessage]] {
        (0..<2).map { number in
            let rounds = (0...MulticastPlan.rounds).map { round in
                var figures = RoundFigures()
                figures.round = UInt64(round)
                figures.sent = number == 0 ? Tally(messages: 500, sum: 7) : Tally()
                figures.received = Tally(messages: 500, sum: 7)
                (figures.nanoseconds, figures.processorNanoseconds) = (1_000_000, 500_000)
                (figures.ring, figures.ringNanoseconds) = (Tally(messages: 1_000, sum: 77), 1_000_000)
                figures.state = 3
                return PerfMessage.round(figures)
            }
            let raw = Percentiles(count: 9, p50: 10, p99: 20, p999: 30, max: 40)
            let calls = Percentiles(count: 9, p50: 15, p99: 25, p999: 35, max: 45)
            return rounds + [.limits(LimitFigures(rank: UInt64(number), wake: raw, latency: calls, viewChanges: 4))]
        }
    }

    @Test
    func jsonHasEveryFigure() throws {
        let expected = """
            {"members":2,"callers":1,"mode":"awaited","caller":"task","pollers":1,"fabric":"shared-memory",\
            "seconds":5.000,"messages":2500,\
            "messagesPerSecond":500000.0,"cpuNanosecondsPerMessage":2000.00,\
            "latencyNanoseconds":{"p50":15,"p99":25,"p999":35,"max":45},"latencyMessages":9,"rawSize":100,\
            "rawMessagesPerSecond":1000000.0,"rawRatio":0.5000,"rawAwaitedNanoseconds":10,"rawAwaitedRatio":1.5000,\
            "roundMessagesPerSecond":[500000.0,500000.0,500000.0,500000.0,500000.0],\
            "roundRawMessagesPerSecond":[1000000.0,1000000.0,1000000.0,1000000.0,1000000.0],"viewChanges":4,"rdma":null,"debugBuild":
            """
        let line = try CallsReport(setup, reports()).json.line
        #expect(line.hasPrefix(expected), "\(line)")
    }

    @Test
    func theTableNamesEveryFigure() throws {
        let lines = try CallsReport(setup, reports()).text.split(separator: "\n")
        #expect(lines[0] == "Two members, one of them calls: calls of three integers from tasks, each awaited.")
        #expect(lines[1] == "calls          500,000 calls/s   2,000 ns of processor time each")
        #expect(lines[2] == "raw messages   1,000,000 messages/s   of which the calls reach 50.0 %")
        #expect(lines[3] == "latency        p50 15 ns   p99 25 ns   p99.9 35 ns   max 45 ns")
        #expect(lines[4] == "raw latency    p50 10 ns   p99 20 ns")
    }

    /// The sentence about what one member says otherwise.
    private func failure(_ change: (inout RoundFigures) -> Void) throws -> String {
        var reports = reports()
        guard case .round(var figures) = reports[1][2] else { return "" }
        change(&figures)
        reports[1][2] = .round(figures)
        return try #require(throws: PerfFailure.self) { try CallsReport(setup, reports) }.description
    }

    @Test
    func whatIsNotExecutedIsAnError() throws {
        let sentence = try failure { $0.received.sum += 1 }
        #expect(sentence.hasPrefix("The member m1 executed 500 calls with the sum "), "\(sentence)")
    }

    @Test
    func differentStatesAreAnError() throws {
        let sentence = try failure { $0.state = 4 }
        let expected = """
            After round 2 the replica of the member m1 had the state 0000000000000004, and that of m0 0000000000000003.
            """
        #expect(sentence == expected)
    }

    @Test
    func lostRawMessagesAreAnError() throws {
        let sentence = try failure { $0.ring.messages -= 1 }
        #expect(sentence.hasPrefix("Of raw messages the member m1 had 999 messages"), "\(sentence)")
    }
}

@Suite
struct CallNumbersTests {
    @Test
    func callsDiffer() {
        let sums = (0..<UInt64(1000)).map { number in
            let (a, b, c) = CallNumbers.arguments(of: number)
            return CallNumbers.sum(a, b, c)
        }
        #expect(Set(sums).count > 900)
    }
}
