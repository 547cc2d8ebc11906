import LockstepTesting
import Testing

@testable import Lockstep

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

/// A value that takes as long to encode as a test wants, or cannot be encoded.
struct Reluctant: Codable, Sendable {
    var latch: String?
    var refuses = false

    struct Refusal: Error {}

    func encode(to encoder: any Encoder) throws {
        if refuses { throw Refusal() }
        if let latch { Latch.named(latch).pass() }
        var container = encoder.singleValueContainer()
        try container.encode(latch)
    }

    init(latch: String? = nil, refuses: Bool = false) { (self.latch, self.refuses) = (latch, refuses) }

    init(from decoder: any Decoder) throws {
        latch = try decoder.singleValueContainer().decode(String?.self)
    }
}

/// An actor whose state is slow to give, behind much of it that is not.
@Replicated
distributed actor Quarry {
    private var stones: [UInt8] = []
    private var rock = Reluctant()

    distributed func fill(_ count: Int, latch: String?) {
        stones = [UInt8](repeating: 7, count: count)
        rock = Reluctant(latch: latch)
    }
    distributed func add(_ stone: UInt8) -> Int {
        stones.append(stone)
        return stones.count
    }
    distributed func refuse() { rock = Reluctant(refuses: true) }
    @Query
    distributed func count() -> Int { stones.count }
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
        try await depots[0].fill(4_000_000)
        let late = try await cluster.join("late")
        async let gone: Void = nodes[0].leave()
        let depot = try await host(on: late)
        #expect(try await depot.size() == 4_000_000)
        await gone
        #expect(try await hashes([depots[1], depot]).count == 1)
        await leave(nodes + [late])
    }

    @Test("comes anew from another member if the first one leaves while it gives it")
    func comesFromTheNextInTheMiddle() async throws {
        let latch = "quarry-\(UInt64.random(in: .min ... .max))"
        let cluster = TestCluster(size: 2)
        let nodes = try await cluster.found()
        let quarries = try await hostQuietly("quarry", on: nodes) { Quarry(actorSystem: $0) }
        try await quarries[0].fill(4_000_000, latch: latch)
        let late = try await cluster.join("late")
        let quarry = try await late.host("quarry", options: Self.quiet) { Quarry(actorSystem: $0) }
        await Latch.named(latch).waitForArrivals(1)
        // Most of it is there.
        while try await quarry.group.status().transfer.map({ $0.bytes < 3_000_000 || $0.fraction < 0.7 }) == true {
            try await Task.sleep(for: .milliseconds(1))
        }
        // Whoever was asked before it was in the view has sent the question on.
        let giver = try #require(try await quarry.group.status().transfer?.source)
        let (source, other) = giver == nodes[0].membership.view.members[0].name ? (0, 1) : (1, 0)
        #expect(try await quarries[other].add(1) == 4_000_001)
        await nodes[source].leave()
        #expect(try await quarries[other].add(2) == 4_000_002)
        await Latch.named(latch).waitForArrivals(2)
        #expect(try await quarries[other].add(3) == 4_000_003)
        Latch.named(latch).open()
        #expect(try await quarry.count() == 4_000_003)
        #expect(try await quarry.add(4) == 4_000_004)
        #expect(try await quarries[other].count() == 4_000_004)
        await leave(nodes + [late])
    }

    @Test("cannot be had if no member can encode it, and says why")
    func cannotBeGiven() async throws {
        let cluster = TestCluster(size: 2)
        let nodes = try await cluster.found()
        let quarries = try await hostQuietly("quarry", on: nodes) { Quarry(actorSystem: $0) }
        try await quarries[0].fill(100_000, latch: nil)
        try await quarries[0].refuse()
        let late = try await cluster.join("late")
        let quarry = try await late.host("quarry", options: Self.quiet) { Quarry(actorSystem: $0) }
        let error = await #expect(throws: LockstepError.self) { try await quarry.refuse() }
        #expect(error?.code == .encodingFailed && error?.message.contains("\"rock\"") == true)
        #expect(try await quarries[1].add(1) == 100_001)
        await leave(nodes + [late])
    }

    /// The state is looked at only where a test wants it.
    private static var quiet: GroupOptions {
        var options = GroupOptions()
        options.auditInterval = 0
        return options
    }

    private func hostQuietly<Replica: ReplicatedActor>(
        _ group: GroupID, on nodes: [Node], _ make: @escaping @Sendable (LockstepSystem) -> Replica
    ) async throws -> [Replica.Handle] where Replica.Effect == Never {
        try await withThrowingTaskGroup(of: (Int, Replica.Handle).self) { tasks in
            for (place, node) in nodes.enumerated() {
                tasks.addTask { (place, try await node.host(group, options: Self.quiet, make)) }
            }
            var handles: [Int: Replica.Handle] = [:]
            for try await (place, handle) in tasks { handles[place] = handle }
            return nodes.indices.compactMap { handles[$0] }
        }
    }

    @Test("of the groups themselves is what no node can do without")
    func aNodeWithoutTheCatalogueLeaves() async throws {
        let cluster = TestCluster(size: 3)
        let nodes = try await cluster.found()
        nodes[2].membership.giveUp(CallChannel.notRestored("lockstep.catalogue", CancellationError()))
        let error = await #expect(throws: LockstepError.self) { try await nodes[2].run() }
        #expect(error?.code == .decodingFailed)
        _ = try await nodes[0].view { $0.members.count == 2 }
        #expect(nodes[0].membership.view.change?.left.map(\.name) == [nodes[2].membership.view.members[2].name])
        await leave(nodes)
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
