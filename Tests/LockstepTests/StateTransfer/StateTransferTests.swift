import Lockstep
import LockstepTesting
import Testing

/// A value that takes as long to decode as a test wants, where there is one that waits.
struct Heavy: Codable, Sendable {
    var latch: String?

    init(latch: String?) { self.latch = latch }

    init(from decoder: any Decoder) throws {
        latch = try decoder.singleValueContainer().decode(String?.self)
        if let latch { Latch.named(latch).pass() }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(latch)
    }
}

/// An actor with state that is slow to take over.
@Replicated
distributed actor Depot {
    private var heavy = Heavy(latch: nil)
    private var bytes: [UInt8] = []
    private var boxes: [Int] = []

    /// The state is slow from now on.
    distributed func becomeHeavy(_ latch: String) { heavy = Heavy(latch: latch) }
    distributed func fill(_ count: Int) { bytes = [UInt8](repeating: 7, count: count) }
    distributed func add(_ box: Int, _ padding: [UInt8]) -> Int {
        boxes.append(box)
        return boxes.count
    }
    @Query
    distributed func count() -> Int { boxes.count }
    @Query
    distributed func size() -> Int { bytes.count }
}

@Suite("The state of a group", .timeLimit(.minutes(2)))
struct StateTransferTests {
    private static var options: GroupOptions {
        var options = GroupOptions()
        options.ringBytes = 1 << 16
        return options
    }

    private func host(on node: Node) async throws -> Depot.Handle {
        try await node.host("depot", options: Self.options) { Depot(actorSystem: $0) }
    }

    private func hashes(_ depots: [Depot.Handle]) async throws -> Set<UInt64> {
        var hashes: Set<UInt64> = []
        for depot in depots {
            _ = try await depot.count()
            hashes.insert(try await depot.group.status().stateHash)
        }
        return hashes
    }

    @Test("goes on while a newcomer takes it, however often the view changes meanwhile")
    func keepsNobodyWaiting() async throws {
        let latch = "transfer-\(UInt64.random(in: .min ... .max))"
        let cluster = TestCluster(size: 2)
        let nodes = try await cluster.found()
        async let other = host(on: nodes[1])
        var depots = [try await host(on: nodes[0]), try await other]
        try await depots[0].becomeHeavy(latch)

        let late = try await cluster.join("late")
        let depot = try await host(on: late)
        await Latch.named(latch).waitForArrivals(1)
        let transfer = try #require(try await depot.group.status().transfer)
        #expect(["a", "b"].contains(transfer.source))
        #expect(try await depots[0].group.status().layout.restoring == ["late"])
        // Several times what the ring holds, while the newcomer is busy with the state.
        let padding = [UInt8](repeating: 1, count: 8_000)
        for box in 1...40 { #expect(try await depots[0].add(box, padding) == box) }
        let another = try await cluster.join("another")
        _ = try await nodes[0].view { $0.members.count == 4 }
        for box in 41...60 { #expect(try await depots[1].add(box, padding) == box) }

        Latch.named(latch).open()
        #expect(try await depot.count() == 60)
        #expect(try await depot.group.status().transfer == nil)
        #expect(try await depot.add(61, padding) == 61)
        depots += [depot, try await host(on: another)]
        #expect(try await depots[3].count() == 61)
        #expect(try await hashes(depots).count == 1)
        await leave(nodes + [late, another])
    }

    @Test("comes from another member if the first one leaves")
    func comesFromTheNext() async throws {
        let cluster = TestCluster(size: 2)
        let nodes = try await cluster.found()
        async let other = host(on: nodes[1])
        let depots = [try await host(on: nodes[0]), try await other]
        try await depots[0].fill(20_000_000)
        let late = try await cluster.join("late")
        async let gone: Void = nodes[0].leave()
        let depot = try await host(on: late)
        #expect(try await depot.size() == 20_000_000)
        await gone
        #expect(try await hashes([depots[1], depot]).count == 1)
        await leave(nodes + [late])
    }

    @Test("ends only the part of a newcomer that cannot take it")
    func cannotBeTaken() async throws {
        let cluster = TestCluster(size: 2)
        let nodes = try await cluster.found()
        let archives = try await hostEverywhere("archive", on: nodes) { Archive(actorSystem: $0) }
        try await archives[0].fill(3)
        let late = try await cluster.join("late")
        let other = try await late.host("archive") { Archive(shelves: 4, actorSystem: $0) }
        #expect(await code { try await other.fill(1) } == .decodingFailed)
        #expect(await code { _ = try await other.visitCount() } == .decodingFailed)
        for count in 1...100 { try await archives[count % 2].fill(count) }
        while cluster.log.lines.count(where: { $0.contains("cannot take the state") && $0.contains("shelves") }) < 3 {
            try await Task.sleep(for: .milliseconds(1))
        }
        // Other groups and later views are none the worse.
        let another = try await cluster.join("another")
        let ledgers = try await hostLedger(on: nodes + [late, another])
        #expect(try await ledgers[2].deposit(1, to: "x") == 1)
        try await archives[0].fill(4)
        #expect(try await hostEverywhere("archive", on: [another]) { Archive(actorSystem: $0) }[0].visitCount() == 0)
        #expect(await code { try await other.fill(1) } == .decodingFailed)
        await leave(nodes + [late, another])
    }
}
