import LockstepTesting
import Testing

@testable import Lockstep
@testable import LockstepFabric

/// Nodes with several pollers, also such as have different numbers of them.
@Suite("Several pollers", .timeLimit(.minutes(2)))
struct PollersTests {
    /// As many groups as strands, one on each.
    private static let groups = (0..<Strand.count).map { GroupID("group \($0)") }

    /// Three nodes, over shared memory or the loopback network, with so many pollers each.
    private static func cluster(_ pollers: [Int], isAbroad: Bool = false) -> TestCluster {
        var cluster = TestCluster(size: pollers.count, seeds: isAbroad ? NodeAddress.free(2) : [])
        let plans = Dictionary(uniqueKeysWithValues: zip(["a", "b", "c"], pollers.map { PollerPlan.count($0) }))
        cluster.pollers = { plans[$0] ?? .count(2) }
        return cluster
    }

    private static func host(on nodes: [Node]) async throws -> [[Ledger.Handle]] {
        var ledgers: [[Ledger.Handle]] = []
        for (strand, group) in groups.enumerated() {
            var options = GroupOptions()
            options.poller = strand
            ledgers.append(try await hostEverywhere(group, on: nodes, options: options) { Ledger(actorSystem: $0) })
        }
        return ledgers
    }

    @Test(
        "Every update of every group runs everywhere",
        arguments: [[2, 2, 2], [1, 2, 4], [8, 1, 1]], [false, true])
    func updates(pollers: [Int], isAbroad: Bool) async throws {
        let nodes = try await Self.cluster(pollers, isAbroad: isAbroad).found()
        let ledgers = try await Self.host(on: nodes)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for group in ledgers {
                for ledger in group { tasks.addTask { for _ in 0..<20 { _ = try await ledger.deposit(1, to: "x") } } }
            }
            try await tasks.waitForAll()
        }
        for group in ledgers {
            for ledger in group { #expect(try await ledger.balance(of: "x") == 60) }
            try await expectEqualCopies(group)
        }
        for (node, count) in zip(nodes, pollers) {
            let status = try await node.status
            #expect(status.pollers.count == count)
            for group in status.groups {
                let strand = try #require(Self.groups.firstIndex(of: group.id))
                #expect(group.status?.poller == strand % count)
            }
        }
        await leave(nodes)
    }

    @Test("Groups of all pollers go from view to view", arguments: [false, true])
    func views(isAbroad: Bool) async throws {
        let cluster = Self.cluster([2, 4, 2], isAbroad: isAbroad)
        var nodes = try await cluster.found()
        var ledgers = try await Self.host(on: nodes)
        let load = Task { [ledgers] in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for group in ledgers { tasks.addTask { for _ in 0..<200 { try await group[0].note("x") } } }
                try await tasks.waitForAll()
            }
        }
        await nodes.removeLast().leave()
        nodes.append(try await cluster.join("late"))
        for (strand, group) in Self.groups.enumerated() {
            var options = GroupOptions()
            options.poller = strand
            ledgers[strand][2] = try await nodes[2].host(group, options: options) { Ledger(actorSystem: $0) }
        }
        try await load.value
        for group in ledgers {
            #expect(try await group[2].deposit(1, to: "y") == 1)
            try await expectEqualCopies(group)
        }
        await leave(nodes)
    }

    @Test func tasksRunOnThePollerOfTheirGroup() async throws {
        try await withCluster(of: 2, configure: { $0.pollers = .count(2) }) { nodes in
            let ledgers = try await Self.host(on: nodes)
            for (strand, group) in Self.groups.enumerated() {
                let pollers = nodes[0].residence.tenure.registry.pollers.all
                let here = Task(executorPreference: nodes[0].executor(for: group)) {
                    _ = try await ledgers[strand][0].deposit(1, to: "x")
                    return pollers.map { $0.isIsolatingCurrentContext() == true }
                }
                #expect(try await here.value == [strand % 2 == 0, strand % 2 == 1])
            }
        }
    }

    @Test func membersMustAgreeOnThePollerOfAGroup() async throws {
        try await withCluster(of: 2) { nodes in
            async let first = code { _ = try await nodes[0].host("a") { Ledger(actorSystem: $0) } }
            #expect(await first == nil)
            var other = GroupOptions()
            other.poller = (GroupID("a").strand + 1) % Strand.count
            let options = other
            #expect(
                await code { _ = try await nodes[1].host("a", options: options) { Ledger(actorSystem: $0) } }
                    == .layoutMismatch)
        }
    }

    @Test(
        "Plans that cannot be are refused",
        arguments: [.count(0), .count(3), .count(16), .numaNodes([]), .numaNodes([0, 0]), .numaNodes([0, 1, 2])]
            as [PollerPlan])
    func badPlans(plan: PollerPlan) {
        #expect(throws: LockstepError.self) { try plan.check() }
    }

    @Test func aNUMANodeThatIsNotThereIsNamed() throws {
        let error = #expect(throws: LockstepError.self) { try PollerPlan.numaNodes([63]).homes(near: nil) }
        #expect(error?.message.contains("63") == true)
    }

    @Test func namesSpreadOverTheStrands() {
        var counts = [Int](repeating: 0, count: Strand.count)
        for number in 0..<800 { counts[GroupID("shard \(number)").strand] += 1 }
        #expect(counts.allSatisfy { $0 > 50 })
    }
}
