import Testing

@testable import LockstepCommand

@Suite
struct LatencyHistogramTests {
    @Test
    func bucketsAreNarrowAndInOrder() {
        var previous = -1
        for value in (0..<200).map(UInt64.init) + [1_000, 65_535, 1_000_000, 1 << 40, .max] {
            let bucket = LatencyHistogram.bucket(of: value)
            #expect(bucket >= previous)
            previous = bucket
            let limit = LatencyHistogram.limit(of: bucket)
            #expect(limit >= value && limit - value <= value / 32)
        }
    }

    @Test
    func percentilesAreNearTheTruth() {
        var histogram = LatencyHistogram()
        #expect(histogram.percentile(0.5) == 0)
        for value in 1...10_000 { histogram.record(UInt64(value)) }
        #expect((5_000...5_160).contains(histogram.percentile(0.5)))
        #expect((9_900...10_000).contains(histogram.percentile(0.99)))
        #expect(histogram.percentile(1) == 10_000)
        #expect(histogram.max == 10_000)
    }
}

@Suite
struct DemoMessageTests {
    @Test
    func survivesBeingWrittenAndRead() {
        let progress = DemoProgress(nanoseconds: 1, calls: 2, updates: 3, view: 4, members: 5)
        #expect(DemoMessage(DemoMessage.progress(progress).line) == .progress(progress))
        var result = DemoResult()
        result.hash = .max
        result.p99 = 12_345
        #expect(DemoMessage(DemoMessage.result(result).line) == .result(result))
    }

    @Test(arguments: [
        "", "warning: slow", "#lockstep-demo", "#lockstep-demo progress ns=1", "#lockstep-demo dance a=1",
    ])
    func leavesOtherLinesToTheLog(line: String) {
        #expect(DemoMessage(line) == nil)
    }
}

@Suite
struct ComparisonTests {
    private func results(_ states: [(updates: UInt64, hash: UInt64)]) -> Comparison {
        let names = (0..<states.count).map(DemoWatch.name)
        return Comparison(
            zip(names, states).map { name, state in
                var result = DemoResult()
                (result.updates, result.hash) = (state.updates, state.hash)
                return (name, result)
            }
        )
    }

    @Test
    func praisesEqualCopies() {
        let sentences = results([(1_234, 255), (1_234, 255), (1_234, 255)]).sentences(outOf: 3)
        #expect(sentences == ["All three copies are equal: 1,234 updates, hash 00000000000000ff."])
    }

    @Test
    func namesWhatDiffers() {
        let comparison = results([(10, 1), (10, 2)])
        #expect(!comparison.isEqual)
        #expect(comparison.sentences(outOf: 2).last == "    bravo: 10 updates, hash 0000000000000002")
    }

    @Test
    func countsThoseThatAreLeft() {
        let sentences = results([(10, 1), (10, 1)]).sentences(outOf: 3)
        #expect(sentences.first?.hasPrefix("The two copies that are left are equal") == true)
    }

    @Test
    func isNotContentWithNothing() {
        #expect(!results([(0, 1), (0, 1)]).isEqual)
        #expect(!results([]).isEqual)
    }
}

@Suite
struct DemoPictureTests {
    private func picture(members: Int) -> DemoPicture {
        let cells = (0..<members).map { number in
            let progress = DemoProgress(nanoseconds: 2_500_000_000, calls: 9, updates: 12_345)
            return DemoPicture.Cell(
                name: DemoWatch.name(number), process: 4_711, progress: progress, rates: [1, 2, 4]
            )
        }
        return DemoPicture(members: cells, seconds: 5)
    }

    @Test(arguments: [1, 3, 10, 64], [(80, 24), (200, 60), (40, 10)])
    func fitsTheTerminal(members: Int, size: (Int, Int)) {
        let lines = picture(members: members).lines(in: (columns: size.0, rows: size.1))
        #expect(lines.count < size.1)
        for line in lines { #expect(visibleLength(line) <= size.0, "\(line)") }
    }

    @Test
    func drawsBarsAndSparks() {
        #expect(DemoPicture.bar(0.5, 4) == "██  ")
        #expect(DemoPicture.bar(1, 4) == "████")
        #expect(DemoPicture.sparks([0, 4, 8], scale: 8, 4) == "▁▅█ ")
    }

    /// Without what colours it.
    private func visibleLength(_ line: String) -> Int {
        var isVisible = true
        return line.reduce(0) { count, character in
            if character == "\u{1B}" { isVisible = false }
            defer { if character == "m" { isVisible = true } }
            return isVisible ? count + 1 : count
        }
    }
}

@Suite
struct NumberTextTests {
    @Test
    func writesNumbersForPeople() {
        #expect(1_234_567.grouped == "1,234,567")
        #expect((-1_000).grouped == "-1,000")
        #expect(UInt64(850).asNanoseconds == "850 ns")
        #expect(UInt64(12_340).asNanoseconds == "12.3 µs")
        #expect(UInt64(999_999).asNanoseconds == "1.00 ms")
        #expect(UInt64(2_500_000_000).asNanoseconds == "2.50 s")
    }
}
