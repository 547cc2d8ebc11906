import Lockstep
import LockstepTesting
import Logging
import ServiceLifecycle
import Testing

@Suite("A node")
struct NodeTests {
    @Test func showsItsViewsUntilItLeaves() async throws {
        try await withCluster(of: 2) { nodes in
            let views = nodes[0].views
            let watcher = Task { await views.reduce(into: []) { $0.append($1) } }
            await nodes[0].leave()
            #expect(await watcher.value == [nodes[0].membership.view])
            #expect(await nodes[0].views.reduce(into: 0) { count, _ in count += 1 } == 1)
        }
    }

    @Test func refusesCallsAfterItHasLeft() async throws {
        try await withCluster(of: 1) { nodes in
            let ledger = try await nodes[0].host("ledger") { Ledger(actorSystem: $0) }
            await nodes[0].leave()
            await nodes[0].leave()
            #expect(await code { _ = try await ledger.deposit(1, to: "x") } == .notMember)
            #expect(await code { _ = try await ledger.group.status() } == .notMember)
            #expect(await code { _ = try await nodes[0].host("other") { Ledger(actorSystem: $0) } } == .notMember)
        }
    }

    @Test func failsWhatIsOnItsWayWhenItLeaves() async throws {
        try await withCluster(of: 2) { nodes in
            let ledger = try await nodes[0].host("ledger") { Ledger(actorSystem: $0) }
            let waiting = Task { await code { _ = try await ledger.deposit(1, to: "x") } }
            await nodes[0].leave()
            #expect(await waiting.value == .notMember)
        }
    }

    @Test func isAServiceThatLeavesWhenTheGroupShutsDown() async throws {
        try await withCluster(of: 1) { nodes in
            let group = ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    services: [.init(service: nodes[0])], logger: Logger(label: "test")
                )
            )
            let running = Task { try await group.run() }
            await group.triggerGracefulShutdown()
            try await running.value
            #expect(await code { _ = try await nodes[0].host("x") { Ledger(actorSystem: $0) } } == .notMember)
        }
    }

    @Test func canBeCancelledWhileItJoins() async throws {
        let cluster = "test-\(UInt64.random(in: .min ... .max))"
        let joining = Task { try await Node.join(NodeConfiguration(cluster: cluster, name: "a", expecting: 2)) }
        joining.cancel()
        await #expect(throws: CancellationError.self) { try await joining.value }
    }

    @Test func leavesNoCallWaiting() async throws {
        for _ in 0..<100 {
            try await withCluster(of: 1) { nodes in
                let ledger = try await nodes[0].host("ledger") { Ledger(actorSystem: $0) }
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<4 {
                        group.addTask { while (try? await ledger.deposit(1, to: "x")) != nil {} }
                        group.addTask { while (try? await ledger.group.status()) != nil {} }
                    }
                    group.addTask { await nodes[0].leave() }
                    group.addTask { await nodes[0].leave() }
                }
            }
        }
    }

    @Test func staysAMemberWhenNobodyHoldsIt() async throws {
        let cluster = "test-\(UInt64.random(in: .min ... .max))"
        let join = { @Sendable (name: String) in
            let node = try await Node.join(NodeConfiguration(cluster: cluster, name: name, expecting: 2))
            return try await node.host("ledger") { Ledger(actorSystem: $0) }
        }
        async let first = join("a")
        async let second = join("b")
        let ledgers = try await [first, second]
        for round in 1...20 { #expect(try await ledgers[round % 2].deposit(1, to: "x") == round) }
    }
}
