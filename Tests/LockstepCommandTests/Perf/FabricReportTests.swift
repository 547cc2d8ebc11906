import Testing

@testable import LockstepCommand

@Suite
struct FabricReportTests {
    private func setup(_ fabric: PerfFabric = .tcp) -> WriteSetup {
        WriteSetup(size: 64, bulkSize: 1000, seconds: 3, fabric: fabric)
    }

    /// 2000 writes of 1000 bytes in a millisecond.
    private var writer: WritesFigures {
        var figures = WritesFigures()
        figures.looking = Percentiles(count: 9, p50: 1, p99: 2, p999: 3, max: 4)
        figures.sleeping = Percentiles(count: 8, p50: 5, p99: 6, p999: 7, max: 8)
        figures.writes = Tally(messages: 2000, sum: 77)
        (figures.nanoseconds, figures.peak) = (1_000_000, 3_000_000_000)
        figures.device = WriteFigures(requests: 2500, doorbells: 500, completions: 20)
        return figures
    }

    private var reader: WritesFigures {
        var figures = WritesFigures()
        (figures.rank, figures.writes) = (1, writer.writes)
        return figures
    }

    @Test
    func theWriterTells() throws {
        let report = try FabricReport(setup(), [[.writes(reader)], [.writes(writer)]])
        #expect(report.bytesPerSecond == 2e9)
        #expect(report.peakBytesPerSecond == 3e9)
        #expect(report.looking.p50 == 1 && report.sleeping.p50 == 5)
    }

    @Test
    func jsonHasEveryFigure() throws {
        let line = try FabricReport(setup(), [[.writes(writer)], [.writes(reader)]]).json.line
        #expect(line.hasPrefix(#"{"fabric":"tcp","size":64,"bulkSize":1000,"pollers":1,"seconds":3.000,"#), "\(line)")
        for part in [
            #""latencyNanoseconds":{"p50":1,"p99":2,"p999":3,"max":4},"latencyWrites":9"#,
            #""sleepingLatencyNanoseconds":{"p50":5,"p99":6,"p999":7,"max":8},"sleepingLatencyWrites":8"#,
            #""bytesPerSecond":2000000000.0,"peakBytesPerSecond":3000000000.0,"writes":2000"#,
            #""requestsPerWrite":null,"doorbellsPerWrite":null"#,
        ] {
            #expect(line.contains(part + ","), "\(part) in \(line)")
        }
    }

    @Test
    func theTableNamesEveryFigure() throws {
        let lines = try FabricReport(setup(.verbs), [[.writes(writer)], [.writes(reader)]]).text.split(separator: "\n")
        let heading =
            "Writes from one member to another: 64 bytes back and forth, and 128 of 1,000 bytes on their way, over RDMA."
        #expect(lines[0] == heading)
        #expect(lines[1] == "latency           p50 1 ns   p99 2 ns   p99.9 3 ns   max 4 ns")
        #expect(lines[2] == "latency, asleep   p50 5 ns   p99 6 ns   p99.9 7 ns   max 8 ns")
        #expect(lines[3] == "bandwidth         2.00 GB/s   best 3.00 GB/s")
        #expect(lines[4] == "RDMA              1.250 requests, 0.250 doorbells a large write")
    }

    @Test
    func whatIsSeenMustBeWhatWasWritten() {
        var other = reader
        other.writes.sum += 1
        let error = #expect(throws: PerfFailure.self) {
            try FabricReport(setup(), [[.writes(writer)], [.writes(other)]])
        }
        let words = "written 2,000 times with the sum 000000000000004d, and the other has seen 2,000 writes"
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }

    @Test
    func bothMustReport() {
        for messages in [
            [[PerfMessage.writes(writer)]], [[.writes(writer)], []], [[.writes(writer)], [.writes(writer)]],
        ] {
            #expect(throws: PerfFailure.self) { try FabricReport(setup(), messages) }
        }
    }
}

@Suite
struct WriteSetupTests {
    @Test(arguments: [(8, 128), (1 << 16, 128), (1 << 20, 8), (4 << 20, 2)])
    func writesOnTheirWayFitTheMemory(bulkSize: Int, slots: Int) {
        let setup = WriteSetup(size: 64, bulkSize: bulkSize, seconds: 3, fabric: .verbs)
        #expect(setup.slots == slots)
        #expect(setup.ringBytes == slots * bulkSize && setup.ringBytes <= 8 << 20)
        #expect(setup.batch >= 1 && setup.batch < slots)
        #expect(setup.regionBytes >= setup.ringBytes + setup.size)
    }

    @Test
    func thePartsTakeTheWholeTimeAndNoneIsLong() {
        for seconds in [0.5, 3, 100] {
            let setup = WriteSetup(size: 64, bulkSize: 64, seconds: seconds)
            let whole = Double(setup.partNanoseconds) * Double(setup.rounds)
            #expect(abs(whole - seconds * 1e9) < 1000)
            #expect(setup.partNanoseconds <= 1_000_000_000)
        }
    }
}
