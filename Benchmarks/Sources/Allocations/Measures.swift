import Lockstep
import LockstepTesting

/// The cases: ways to send, each with as many messages, between nodes of one process.
struct Measures {
    private static let warmUp = 20_000
    private static let messages = 200_000
    private static let batch = 64
    private static let byteCount = 100

    private let node: Node
    private let groups: [RawGroup<Tally>]
    private var sent = 0

    static func all(on nodes: [Node]) async throws -> [MeasureResult] {
        let executor = nodes[0].executor
        var measures = Measures(node: nodes[0], groups: try await hostRaw(on: nodes))
        let group = measures.groups[0]
        var results = [
            try await measures.measure("posted in batches, from the poller", atMost: 0.01) { count in
                try await withTaskExecutorPreference(executor) { try await postBatches(count, to: group) }
            },
            try await measures.measure("posted one by one, from the poller", atMost: 0.01) { count in
                try await withTaskExecutorPreference(executor) { try await postEach(count, to: group) }
            },
            try await measures.measure("posted one by one, from a task", atMost: 0.05) { count in
                try await postEach(count, to: group)
            },
            try await measures.measure("sent and awaited, from the poller", atMost: 1.5) { count in
                try await withTaskExecutorPreference(executor) { try await sendEach(count, to: group) }
            },
        ]
        results += try await typedUpdates(on: nodes)
        return results
    }

    // MARK: - Ways to send

    private static func postBatches(_ count: Int, to group: RawGroup<Tally>) async throws {
        var left = count
        while left > 0 {
            left -= try await group.post(upTo: min(batch, left), byteCount: byteCount) { place, bytes in
                fill(&bytes, with: place)
            }
        }
    }

    private static func postEach(_ count: Int, to group: RawGroup<Tally>) async throws {
        for place in 0..<count { try await group.post(byteCount: byteCount) { fill(&$0, with: place) } }
    }

    private static func sendEach(_ count: Int, to group: RawGroup<Tally>) async throws {
        for place in 0..<count { try await group.send(byteCount: byteCount) { fill(&$0, with: place) } }
    }

    private static func fill(_ bytes: inout MutableRawSpan, with place: Int) {
        for at in bytes.byteOffsets {
            bytes.storeBytes(of: UInt8(truncatingIfNeeded: place), toByteOffset: at, as: UInt8.self)
        }
    }

    // MARK: - Counting

    /// Sends a part first, until nothing grows any more, and then counts; both until every member has everything.
    private mutating func measure(
        _ name: String, atMost threshold: Double, _ send: (_ count: Int) async throws -> Void
    ) async throws -> MeasureResult {
        try await self.send(Measures.warmUp, send)
        let before = AllocationCount.now
        try await self.send(Measures.messages, send)
        let count = AllocationCount.now - before
        return MeasureResult(name: name, perMessage: Double(count) / Double(Measures.messages), threshold: threshold)
    }

    private mutating func send(_ count: Int, _ send: (_ count: Int) async throws -> Void) async throws {
        try await send(count)
        sent += count
        for group in groups {
            while try await group.read({ $0.count }) < sent { try await Task.sleep(for: .milliseconds(1)) }
        }
    }

    /// Awaited calls of one member, which all of them execute.
    private static func typedUpdates(on nodes: [Node]) async throws -> [MeasureResult] {
        let tally = try await hostEverywhere("typed", on: nodes) { TypedTally(actorSystem: $0) }[0]
        return [
            MeasureResult(
                name: "a typed update, from the poller",
                perMessage: try await withTaskExecutorPreference(nodes[0].executor) {
                    try await updateEach(tally)
                }, threshold: 1.5),
            // Who resumes a task that runs elsewhere allocates what hands it over to the language's threads, twice.
            MeasureResult(
                name: "a typed update, from a task", perMessage: try await updateEach(tally), threshold: 3.5),
        ]
    }

    private static func updateEach(_ tally: TypedTally.Handle) async throws -> Double {
        // Awaited calls are slow, and their count is steady: a part of the messages tells as much.
        let count = messages / 10
        for value in 0..<warmUp / 10 { _ = try await tally.add(value) }
        let before = AllocationCount.now
        for value in 0..<count { _ = try await tally.add(value) }
        return Double(AllocationCount.now - before) / Double(count)
    }

    private static func hostRaw(on nodes: [Node]) async throws -> [RawGroup<Tally>] {
        try await withThrowingTaskGroup(of: (Int, RawGroup<Tally>).self) { tasks in
            for (place, node) in nodes.enumerated() {
                tasks.addTask { (place, try await node.hostRaw("raw") { Tally() }) }
            }
            var groups: [Int: RawGroup<Tally>] = [:]
            for try await (place, group) in tasks { groups[place] = group }
            return groups.sorted { $0.key < $1.key }.map(\.value)
        }
    }
}
