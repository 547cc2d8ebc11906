import CLockstep
import Lockstep
import LockstepFabric

/// One member's part of a measurement. All members go through the same parts at the same time.
struct Bench {
    private let node: Node
    private let memory: BenchmarkMemory
    private let setup: MulticastSetup
    private let group: RawGroup<CountingReceiver>
    private var ends: AsyncStream<Void>.Iterator
    /// Messages sent so far.
    private var sequence: UInt64
    private var meeting: Meeting
    private var wake = LatencyHistogram()
    private var latency = LatencyHistogram()
    /// What the awaited messages have cost.
    private var latencyWrites = WriteFigures()

    /// Hosts the groups.
    init(_ node: Node, _ memory: BenchmarkMemory, _ setup: MulticastSetup) async throws {
        (self.node, self.memory, self.setup) = (node, memory, setup)
        meeting = Meeting(node, memory)
        let (stream, ended) = AsyncStream.makeStream(of: Void.self)
        ends = stream.makeAsyncIterator()
        var options = GroupOptions()
        options.ringBytes = setup.ringBytes
        // What is measured runs there.
        options.poller = 0
        options.sends = memory.rank < setup.senders
        let size = setup.size
        group = try await node.hostRaw("perf", order: setup.order == .total ? .total : .senders, options: options) {
            CountingReceiver(messageSize: size, ended: ended)
        }
        try await node.hostIdleGroups(setup.groups - 1)
        sequence = UInt64(memory.rank) << 48
    }

    /// What the first member has measured.
    var limits: LimitFigures {
        LimitFigures(
            rank: UInt64(memory.rank), wake: Percentiles(wake), latency: Percentiles(latency), writes: latencyWrites)
    }

    /// What this member has asked of its RDMA device.
    var writesSoFar: WriteFigures { WriteFigures(of: node) }

    /// One round of all parts.
    mutating func run(round: Int, _ slices: MulticastPlan.Slices) async throws -> RoundFigures {
        var figures = RoundFigures()
        figures.round = UInt64(round)
        if setup.members > 1, slices.ringLimit > 0, setup.fabric != .verbs {
            try await measureRing(slices.ringLimit, &figures)
        }
        try await measureMulticast(slices.multicast, &figures)
        let before = (wake, latency, latencyWrites)
        if setup.members > 1, slices.wakeLimit > 0 { try await measureWake(slices.wakeLimit) }
        try await measureLatency(slices.latency)
        if round == 0 { (wake, latency, latencyWrites) = before }
        return figures
    }

    // MARK: - Limits

    private mutating func measureRing(_ length: Int64, _ figures: inout RoundFigures) async throws {
        let (part, memory, setup) = (try await meeting.meet(), memory, setup)
        let result = try await node.runOnPoller(with: memory) { words, view in
            switch setup.fabric {
            case .sharedMemory:
                words.startTogether(part)
                return RingLimit(words, messageSize: setup.size).run(part: part, nanoseconds: length)
            case .tcp, .tls, .verbs:
                return try StreamLimit(words, messageSize: setup.size, writerHost: view.members[0].address?.host)
                    .run(part: part, nanoseconds: length)
            }
        }
        figures.ring = result.tally
        figures.ringNanoseconds = memory.rank == 0 ? result.nanoseconds : 0
    }

    private mutating func measureWake(_ length: Int64) async throws {
        let (part, memory, histogram) = (try await meeting.meet(), memory, wake)
        wake = try await node.runOnPoller(with: memory) { words, _ in
            words.startTogether(part)
            return WakeLimit(words).run(part: part, nanoseconds: length, into: histogram)
        }
    }

    // MARK: - The multicast

    private mutating func measureMulticast(_ length: Int64, _ figures: inout RoundFigures) async throws {
        let start = try await start(marks: setup.senders)
        let writes = writesSoFar
        if memory.rank < setup.senders { figures.sent = try await post(until: start.nanoseconds + length) }
        let received = try await end()
        figures.received = received.tally
        figures.nanoseconds = UInt64(received.end.nanoseconds - start.nanoseconds)
        figures.processorNanoseconds = UInt64(received.end.processorNanoseconds - start.processorNanoseconds)
        figures.writes = writesSoFar - writes
    }

    private mutating func post(until deadline: Int64) async throws -> Tally {
        var tally = Tally()
        while lockstep_monotonic_ns() < deadline {
            let first = sequence
            let count = try await group.post(upTo: setup.batch, byteCount: setup.size) { index, bytes in
                tally.sum &+= Payload.fill(&bytes, number: first &+ UInt64(index))
            }
            sequence += UInt64(count)
            tally.messages += UInt64(count)
            // The poller sends what was posted.
            await Task.yield()
        }
        try await sendMark()
        return tally
    }

    private mutating func measureLatency(_ length: Int64) async throws {
        let start = try await start(marks: 1)
        let writes = writesSoFar
        if memory.rank == 0 {
            try await sendOneByOne(until: start.nanoseconds + length)
            try await sendMark()
        }
        _ = try await end()
        latencyWrites = latencyWrites + (writesSoFar - writes)
    }

    private mutating func sendOneByOne(until deadline: Int64) async throws {
        var now = lockstep_monotonic_ns()
        while now < deadline {
            let number = sequence
            let start = now
            try await group.send(byteCount: setup.size) { _ = Payload.fill(&$0, number: number) }
            now = lockstep_monotonic_ns()
            latency.record(UInt64(now - start))
            sequence += 1
        }
    }

    private func sendMark() async throws {
        try await group.send(byteCount: setup.markSize) { _ = Payload.fill(&$0, number: 0) }
    }

    // MARK: - Beginning and end of a part

    private mutating func start(marks: Int) async throws -> Moment {
        try await group.read { $0.begin(marks: marks) }
        return try await startPart()
    }

    /// Begins a part of any kind together with the others.
    mutating func startPart() async throws -> Moment {
        let (part, memory) = (try await meeting.meet(), memory)
        return try await node.runOnPoller(with: memory) { words, _ in
            words.startTogether(part)
            return Moment.now
        }
    }

    /// Waits until everything that was sent in this part has been received.
    private mutating func end() async throws -> (tally: Tally, end: Moment) {
        await ends.next()
        return try await group.read { ($0.tally, $0.end) }
    }
}
