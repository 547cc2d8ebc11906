import Testing

@testable import LockstepCommand

@Suite
struct MulticastReportTests {
    private func setup(members: Int = 2) -> MulticastSetup {
        MulticastSetup(
            members: members, senders: members, size: 100, seconds: 5, groups: 1, order: .total, ringBytes: 1 << 20
        )
    }

    /// Members that each send 500 messages in each round; the second takes 2 ms for it, the others 1 ms.
    private func reports(members: Int = 2) -> [[PerfMessage]] {
        (0..<members).map { number in
            let rounds = (0...MulticastPlan.rounds).map { round in
                var figures = RoundFigures()
                figures.round = UInt64(round)
                figures.sent = Tally(messages: 500, sum: 1_000 + UInt64(number))
                figures.received = Tally(
                    messages: 500 * UInt64(members),
                    sum: (0..<UInt64(members)).reduce(0) { $0 + 1_000 + $1 }
                )
                figures.nanoseconds = number == 1 ? 2_000_000 : 1_000_000
                figures.processorNanoseconds = 500_000
                figures.ring = Tally(messages: 4_000, sum: 77)
                figures.ringNanoseconds = number == 0 ? 1_000_000 : 0
                return PerfMessage.round(figures)
            }
            let times = number == 0 ? Percentiles(count: 9, p50: 1, p99: 2, p999: 3, max: 4) : Percentiles()
            return rounds + [.limits(LimitFigures(rank: UInt64(number), wake: times, latency: times))]
        }
    }

    @Test
    func ratesUseTheSlowestMember() throws {
        let report = try MulticastReport(setup(), reports())
        #expect(report.messages == 5_000)
        #expect(report.messagesPerSecond == 500_000)
        #expect(report.bytesPerSecond == 50_000_000)
        #expect(report.cpuNanosecondsPerMessage == 1_000)
        #expect(report.ringLimitMessagesPerSecond == 4_000_000)
        #expect(report.ringLimitRatio == 0.125)
        #expect(report.wakeLimit?.p50 == 1)
    }

    @Test
    func jsonHasEveryFigure() throws {
        let line = try MulticastReport(setup(), reports()).json.line
        let beginning = #"{"members":2,"senders":2,"size":100,"groups":1,"order":"total","ringBytes":1048576,"#
        #expect(line.hasPrefix(beginning), "\(line)")
        for part in [
            #""pollers":1,"seconds":5.000"#, #""messages":5000"#, #""messagesPerSecond":500000.0"#,
            #""bytesPerSecond":50000000.0"#, #""cpuNanosecondsPerMessage":1000.00"#,
            #""ringLimitMessagesPerSecond":4000000.0"#, #""ringLimitRatio":0.1250"#, #""wakeLimitNanoseconds":1"#,
            #""latencyNanoseconds":{"p50":1,"p99":2,"p999":3,"max":4}"#,
        ] {
            #expect(line.contains(part + ","), "\(part) in \(line)")
        }
        #expect(!line.contains("\n"))
    }

    @Test
    func aSingleMemberHasNoLimits() throws {
        let report = try MulticastReport(setup(members: 1), reports(members: 1))
        for key in ["ringLimitMessagesPerSecond", "ringLimitRatio", "wakeLimitNanoseconds"] {
            #expect(report.json.line.contains(#""\#(key)":null"#))
        }
        #expect(report.text.hasPrefix("One member: messages of 100 bytes"), "\(report.text)")
        #expect(!report.text.contains("bare"))
    }

    @Test
    func theTableNamesEveryFigure() throws {
        let lines = try MulticastReport(setup(), reports()).text.split(separator: "\n")
        let heading = "Two members, all send: messages of 100 bytes in one order, rings of 1,048,576 bytes."
        #expect(lines[0] == heading)
        #expect(lines[1] == "multicast   500,000 messages/s   50.0 MB/s   1,000 ns of processor time each")
        #expect(lines[2] == "bare ring   4,000,000 messages/s   of which the multicast reaches 12.5 %")
        #expect(lines[3] == "latency     p50 1 ns   p99 2 ns   p99.9 3 ns   max 4 ns")
        #expect(lines[4] == "bare wake   p50 1 ns   p99 2 ns")
    }

    @Test
    func whatIsNotReceivedIsAnError() throws {
        var reports = reports()
        guard case .round(var figures) = reports[1][2] else { return }
        figures.received.sum += 1
        reports[1][2] = .round(figures)
        let error = try #require(throws: PerfFailure.self) { try MulticastReport(setup(), reports) }
        #expect(error.description.hasPrefix("The member m1 received 1,000 messages with the sum "), "\(error)")
        #expect(error.description.contains("in round 2, and not 1,000 with the sum "), "\(error)")
    }

    @Test
    func whatIsReadFromTheRingIsCompared() throws {
        var reports = reports()
        guard case .round(var figures) = reports[1][0] else { return }
        figures.ring.messages -= 1
        reports[1][0] = .round(figures)
        let error = try #require(throws: PerfFailure.self) { try MulticastReport(setup(), reports) }
        #expect(error.description.hasPrefix("In the bare ring the member m1 had 3,999 messages"), "\(error)")
    }

    @Test
    func aMissingRoundIsAnError() throws {
        var reports = reports()
        reports[1].remove(at: 3)
        #expect(throws: PerfFailure.self) { try MulticastReport(setup(), reports) }
    }
}

@Suite
struct IdleReportTests {
    private let report = IdleReport(
        groups: 2, seconds: 10,
        [
            IdleFigures(
                nanoseconds: 10_000_000_000, processorNanoseconds: 1_000_000, residentBytes: 9_000_000,
                ownBytes: 2_000_000
            ),
            IdleFigures(
                nanoseconds: 10_000_000_000, processorNanoseconds: 2_000_000, residentBytes: 8_000_000,
                ownBytes: 2_500_000
            ),
        ]
    )

    @Test
    func jsonHasTheMostOfAllNodes() {
        let expected = """
            {"members":2,"groups":2,"seconds":10.000,"cpuPercentPerNode":0.0200,"residentMegabytesPerNode":9.00,\
            "ownMegabytesPerNode":2.50,"cpuPercent":[0.0100,0.0200]}
            """
        #expect(report.json.line == expected)
    }

    @Test
    func theTextSaysTheSame() {
        let lines = report.text.split(separator: "\n")
        #expect(lines[0] == "Two nodes with two groups rested for 10.0 s. The one that used the most:")
        #expect(lines[1] == "processor   0.020 %")
        #expect(lines[2] == "memory      9.00 MB, of which 2.50 MB are not mapped from files")
    }
}
