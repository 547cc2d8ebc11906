import Lockstep

/// One of the two members between which writes are measured. Both go through the same parts at the same time.
struct WriteBench {
    private let node: Node
    private let memory: BenchmarkMemory
    private let setup: WriteSetup
    /// Where the write lies that goes back and forth, and where those begin that follow each other.
    private let (place, ring): (Range<Int>, Int)
    private var meeting: Meeting
    private var looking = LatencyHistogram()
    private var sleeping = LatencyHistogram()
    private var figures = WritesFigures()

    /// Takes the memory.
    init(_ node: Node, _ setup: WriteSetup) async throws {
        (self.node, self.setup) = (node, setup)
        memory = try await BenchmarkMemory(node)
        let start = try node.allocate(setup.size)
        place = start..<start + setup.size
        ring = try node.allocate(setup.ringBytes)
        meeting = Meeting(node, memory)
        figures.rank = UInt64(memory.rank)
    }

    /// Goes through all parts, and gives what this member has found.
    mutating func run() async throws -> WritesFigures {
        for round in 0...setup.rounds {
            let before = (looking, sleeping, figures)
            looking = try await measureLatency(.looking, looking)
            sleeping = try await measureLatency(.sleeping, sleeping)
            try await measureBandwidth()
            if round == 0 { (looking, sleeping, figures) = before }
        }
        (figures.looking, figures.sleeping) = (Percentiles(looking), Percentiles(sleeping))
        return figures
    }

    private mutating func measureLatency(
        _ waiting: WriteLatency.Waiting, _ histogram: LatencyHistogram
    ) async throws -> LatencyHistogram {
        let (part, setup, place) = (try await meeting.meet(), setup, place)
        return try await node.runOnPoller(with: memory) { words, _ in
            words.startTogether(part)
            return WriteLatency(words, place, waiting)
                .run(part: part, nanoseconds: setup.partNanoseconds, into: histogram)
        }
    }

    private mutating func measureBandwidth() async throws {
        let (part, setup, ring) = (try await meeting.meet(), setup, ring)
        let before = WriteFigures(of: node)
        let (tally, nanoseconds) = try await node.runOnPoller(with: memory) { words, _ in
            words.startTogether(part)
            return WriteBandwidth(words, setup, at: ring).run(part: part, nanoseconds: setup.partNanoseconds)
        }
        figures.writes.add(tally)
        figures.nanoseconds += nanoseconds
        figures.peak = max(figures.peak, tally.messages * UInt64(setup.bulkSize) * 1_000_000_000 / max(1, nanoseconds))
        figures.device = figures.device + (WriteFigures(of: node) - before)
    }
}
