import Testing

@testable import LockstepCommand

@Suite
struct PerfMessageTests {
    @Test
    func survivesBeingWrittenAndRead() {
        var round = RoundFigures()
        round.round = 3
        round.received = Tally(messages: 1, sum: .max)
        round.ring = Tally(messages: 4, sum: 5)
        (round.ringNanoseconds, round.state) = (6, 7)
        let percentiles = Percentiles(count: 1, p50: 2, p99: 3, p999: 4, max: 5)
        let limits = LimitFigures(rank: 2, wake: Percentiles(), latency: percentiles, viewChanges: 6)
        let idle = IdleFigures(nanoseconds: 1, processorNanoseconds: 2, residentBytes: 3, ownBytes: 4)
        var writes = WritesFigures()
        (writes.rank, writes.looking, writes.writes) = (1, percentiles, Tally(messages: 6, sum: .max))
        (writes.nanoseconds, writes.peak) = (7, 8)
        writes.device = WriteFigures(requests: 9, doorbells: 10, completions: 11)
        for message in [PerfMessage.round(round), .limits(limits), .idle(idle), .writes(writes)] {
            #expect(PerfMessage(message.line) == message)
        }
    }

    @Test(arguments: [
        "", "warning: slow", "#lockstep-perf", "#lockstep-perf round round=1", "#lockstep-perf dance a=1",
        "#lockstep-demo limits rank=1",
    ])
    func leavesOtherLinesToTheLog(line: String) {
        #expect(PerfMessage(line) == nil)
    }
}

@Suite
struct MulticastPlanTests {
    @Test
    func theRoundsTakeTheWholeTime() {
        let slices = MulticastPlan(seconds: 10).slices(round: 1)
        #expect(slices.multicast * Int64(MulticastPlan.rounds) == 10_000_000_000)
        #expect(slices.ringLimit == slices.multicast / 2)
        #expect(slices.wakeLimit == slices.multicast / 5)
        #expect(slices.latency == slices.multicast / 5)
        #expect(MulticastPlan(seconds: 10).slices(round: 0).multicast == slices.multicast / 5)
    }

    @Test
    func noPartIsTooShortToMeasure() {
        let slices = MulticastPlan(seconds: 0.000_001).slices(round: 0)
        for part in [slices.ringLimit, slices.multicast, slices.wakeLimit, slices.latency] { #expect(part > 1_000_000) }
    }
}

@Suite
struct MulticastSetupTests {
    private func setup(size: Int, ringBytes: Int = 1 << 20) -> MulticastSetup {
        MulticastSetup(
            members: 3, senders: 2, size: size, seconds: 1, groups: 4, order: .none, ringBytes: ringBytes
        )
    }

    @Test(arguments: [0, 8, 100, 1 << 18 - 16])
    func aBatchIsAQuarterOfTheRing(size: Int) {
        let setup = setup(size: size)
        #expect(setup.batch >= 1)
        #expect(setup.batch == 1 || setup.batch * (size + 16) <= 1 << 18)
        #expect(setup.markSize != size)
    }

    @Test
    func theRegionHoldsEverything() {
        #expect(setup(size: 8, ringBytes: 1 << 30).regionBytes > 2 << 30)
    }

    @Test
    func sendersAreAllOneOrANumber() {
        #expect(SenderCount(argument: "all")?.count(of: 5) == 5)
        #expect(SenderCount(argument: "one")?.count(of: 5) == 1)
        #expect(SenderCount(argument: "3")?.count(of: 5) == 3)
        #expect(SenderCount(argument: "some") == nil)
    }
}

@Suite
struct ProcessMemoryTests {
    @Test
    func readsTheLinesOfTheKernel() {
        let status = "Name:\tlockstep\nVmRSS:\t    2048 kB\nRssAnon:\t 100 kB\nRssFile:\t 900 kB\nRssShmem:\t 28 kB\n"
        let memory = ProcessMemory(status: status)
        #expect(memory.residentBytes == 2048 * 1024)
        #expect(memory.ownBytes == 128 * 1024)
        #expect(ProcessMemory.now.residentBytes > 1 << 20)
    }
}

@Suite
struct JSONTextTests {
    @Test
    func writesEveryKindOfValue() {
        let value = JSONText.object([
            "a": .integer(1), "b": .number(2.5, digits: 2), "c": .text("say \"no\"\n"),
            "d": .list([.flag(true), .null]), "e": .number(.nan, digits: 1), "f": .object([:]),
        ])
        #expect(value.line == #"{"a":1,"b":2.50,"c":"say \"no\"\n","d":[true,null],"e":null,"f":{}}"#)
    }
}
