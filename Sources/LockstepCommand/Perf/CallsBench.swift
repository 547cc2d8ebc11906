import CLockstep
import DequeModule
import Lockstep

/// One member's part of a measurement of calls. All members go through the same parts at the same time.
struct CallsBench {
    private let setup: CallsSetup
    private let rank: Int
    private let counter: CallCounter.Handle
    private var raw: Bench
    private var ends = CallMarks.shared.ends.makeAsyncIterator()
    /// Calls made so far.
    private var sequence: UInt64
    private var latency = LatencyHistogram()
    /// What the awaited calls have cost.
    private var latencyWrites = WriteFigures()
    private var known = Tally()

    /// Hosts the groups.
    init(_ node: Node, _ memory: BenchmarkMemory, _ setup: CallsSetup) async throws {
        (self.setup, rank) = (setup, memory.rank)
        sequence = UInt64(memory.rank) << 48
        raw = try await Bench(node, memory, setup.raw)
        var options = GroupOptions()
        options.poller = 0
        counter = try await node.host("calls", options: options) { CallCounter(actorSystem: $0) }
    }

    /// What the first member has measured: its raw messages in the place of the wake limit.
    var limits: LimitFigures {
        LimitFigures(
            rank: UInt64(rank), wake: raw.limits.latency, latency: Percentiles(latency), writes: latencyWrites)
    }

    /// One round of all parts.
    mutating func run(round: Int, _ slices: MulticastPlan.Slices) async throws -> RoundFigures {
        let messages = try await raw.run(round: round, slices.withoutLimits)
        var figures = RoundFigures()
        figures.round = messages.round
        (figures.ring, figures.ringNanoseconds) = (messages.received, messages.nanoseconds)
        try await measureCalls(slices.multicast, &figures)
        let before = (latency, latencyWrites)
        try await measureLatency(slices.latency)
        if round == 0 { (latency, latencyWrites) = before }
        return figures
    }

    // MARK: - Calls

    private mutating func measureCalls(_ length: Int64, _ figures: inout RoundFigures) async throws {
        let start = try await start(marks: setup.callers)
        let writes = raw.writesSoFar
        if rank < setup.callers {
            figures.sent = try await callMany(until: start.nanoseconds + length)
            try await counter.finish()
        }
        let end = await end()
        figures.nanoseconds = UInt64(end.nanoseconds - start.nanoseconds)
        figures.processorNanoseconds = UInt64(end.processorNanoseconds - start.processorNanoseconds)
        figures.writes = raw.writesSoFar - writes
        figures.received = try await newTally()
        figures.state = try await counter.group.status().stateHash
    }

    /// Calls for a time, with as many calls on their way as are set up.
    private mutating func callMany(until deadline: Int64) async throws -> Tally {
        var tally = Tally()
        var window: Deque<Call<Int>> = []
        while lockstep_monotonic_ns() < deadline {
            // Some at a time, because looking at the clock takes its time too.
            for _ in 0..<max(1, setup.callsAtOnce / 8) {
                let (a, b, c) = CallNumbers.arguments(of: sequence)
                window.append(try await counter.pipeline.add(a, b, c))
                if window.count == setup.callsAtOnce { _ = try await window.removeFirst().value }
                tally.add(Tally(messages: 1, sum: CallNumbers.sum(a, b, c)))
                sequence &+= 1
            }
        }
        while let call = window.popFirst() { _ = try await call.value }
        return tally
    }

    private mutating func measureLatency(_ length: Int64) async throws {
        let start = try await start(marks: 1)
        let writes = raw.writesSoFar
        if rank == 0 {
            try await callOneByOne(until: start.nanoseconds + length)
            try await counter.finish()
        }
        _ = await end()
        latencyWrites = latencyWrites + (raw.writesSoFar - writes)
        _ = try await newTally()
    }

    private mutating func callOneByOne(until deadline: Int64) async throws {
        var now = lockstep_monotonic_ns()
        while now < deadline {
            let start = now
            let (a, b, c) = CallNumbers.arguments(of: sequence)
            _ = try await counter.add(a, b, c)
            now = lockstep_monotonic_ns()
            latency.record(UInt64(now - start))
            sequence &+= 1
        }
    }

    // MARK: - Beginning and end of a part

    private mutating func start(marks: Int) async throws -> Moment {
        CallMarks.shared.begin(marks)
        return try await raw.startPart()
    }

    private mutating func end() async -> Moment {
        await ends.next()
        return CallMarks.shared.end
    }

    /// What the replica has executed since it was asked last.
    private mutating func newTally() async throws -> Tally {
        let all = try await counter.tally()
        let new = Tally(messages: all[0] - known.messages, sum: all[1] &- known.sum)
        known = Tally(messages: all[0], sum: all[1])
        return new
    }
}

extension MulticastPlan.Slices {
    /// Without the parts that measure the limits of the machine.
    fileprivate var withoutLimits: Self {
        var slices = self
        (slices.ringLimit, slices.wakeLimit) = (0, 0)
        return slices
    }
}
