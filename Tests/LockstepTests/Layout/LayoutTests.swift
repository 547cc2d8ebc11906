import Lockstep
import LockstepTesting
import Testing

@Suite("Groups are laid out over a cluster", .timeLimit(.minutes(2)))
struct LayoutTests {
    private func host(
        _ layout: GroupLayout, on nodes: [Node], timeout: Duration? = nil
    ) async throws -> [Ledger.Handle] {
        try await withThrowingTaskGroup(of: (Int, Ledger.Handle).self) { group in
            for (place, node) in nodes.enumerated() {
                group.addTask { (place, try await node.host("ledger", layout: layout) { Ledger(actorSystem: $0) }) }
            }
            var handles: [(Int, Ledger.Handle)] = []
            for try await handle in group { handles.append(handle) }
            return handles.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    @Test func aSpareRefusesCallsAndTakesOverWithTheState() async throws {
        let nodes = try await TestCluster(size: 3).found()
        let ledgers = try await host(.replicas(2), on: nodes)
        for amount in 1...10 { _ = try await ledgers[0].deposit(amount, to: "x") }
        let failure = await #expect(throws: LockstepError.self) { try await ledgers[2].deposit(1, to: "x") }
        #expect(failure?.code == .notReplica)
        #expect(failure?.message.contains("call it on a, b") == true)
        await #expect(throws: LockstepError.self) { try await ledgers[2].balance(of: "x") }
        let layout = try await ledgers[2].group.status().layout
        #expect((layout.replicas, layout.spares) == (["a", "b"], ["c"]))
        // All nodes are on one host.
        #expect(layout.warnings.count == 1)

        await nodes[1].leave()
        try await ledgers[0].group.wait(forMembers: 2)
        #expect(try await ledgers[2].balance(of: "x") == 55)
        #expect(try await ledgers[2].deposit(1, to: "x") == 56)
        #expect(try await ledgers[0].balance(of: "x") == 56)
        #expect(try await ledgers[0].group.status().stateHash == ledgers[2].group.status().stateHash)
        await leave(nodes)
    }

    @Test func theOnlyReplicaHandsOverBeforeItLeaves() async throws {
        let nodes = try await TestCluster(size: 3).found()
        let ledgers = try await host(.replicas(1), on: nodes)
        for amount in 1...10 { _ = try await ledgers[0].deposit(amount, to: "x") }
        await nodes[0].leave()
        #expect(try await ledgers[1].balance(of: "x") == 55)
        #expect(try await ledgers[1].deposit(1, to: "x") == 56)
        await nodes[1].leave()
        #expect(try await ledgers[2].deposit(1, to: "x") == 57)
        await nodes[2].leave()
    }

    @Test func tooFewReplicasSuspendIt() async throws {
        let cluster = TestCluster(size: 3)
        let nodes = try await cluster.found()
        let ledgers = try await host(.replicas(3, atLeast: 3), on: nodes)
        #expect(try await ledgers[0].deposit(5, to: "x") == 5)
        await nodes[2].leave()
        _ = try await nodes[0].view { $0.members.count == 2 }
        #expect(try await ledgers[0].group.status().layout.suspension?.contains("at least 3") == true)
        async let waiting = ledgers[0].deposit(1, to: "x")
        #expect(try await ledgers[1].reading(.local).balance(of: "x") == 5)

        let late = try await cluster.join("late")
        let ledger = try await late.host("ledger", layout: .replicas(3, atLeast: 3)) { Ledger(actorSystem: $0) }
        #expect(try await waiting == 6)
        #expect(try await ledger.balance(of: "x") == 6)
        #expect(try await ledger.group.status().layout.suspension == nil)
        await leave(nodes + [late])
    }

    @Test func callsOfASuspendedGroupFailAtTheirDeadline() async throws {
        try await withCluster(of: 2) { configuration in
            configuration.callTimeout = .seconds(3)
        } _: { nodes in
            let ledgers = try await host(.everyone(atLeast: 3), on: nodes)
            let failure = await #expect(throws: LockstepError.self) { try await ledgers[0].deposit(1, to: "x") }
            #expect(failure?.code == .groupSuspended)
            #expect(failure?.message.contains("at least 3 replicas") == true)
        }
    }

    @Test func aLayoutOfOnesOwnDecides() async throws {
        let cluster = TestCluster(size: 3)
        let nodes = try await cluster.found()
        let layout = GroupLayout.custom("the last two") { request in [Array(request.members.suffix(2))] }
        let ledgers = try await host(layout, on: nodes)
        #expect(try await ledgers[2].deposit(5, to: "x") == 5)
        #expect(try await ledgers[1].balance(of: "x") == 5)
        await #expect(throws: LockstepError.self) { try await ledgers[0].deposit(1, to: "x") }

        // One of the replicas moves: the newcomer gets the state, and who had it is a spare.
        let late = try await cluster.join("late")
        let ledger = try await late.host("ledger", layout: layout) { Ledger(actorSystem: $0) }
        while try await ledger.group.status().layout.replicas != ["c", "late"] {
            try await Task.sleep(for: .milliseconds(1))
        }
        #expect(try await ledger.deposit(1, to: "x") == 6)
        let failure = await #expect(throws: LockstepError.self) { try await ledgers[1].deposit(1, to: "x") }
        #expect(failure?.code == .notReplica)

        // And back: it gets the present state, not the one that it had.
        await late.leave()
        while try await ledgers[1].group.status().layout.replicas != ["b", "c"] {
            try await Task.sleep(for: .milliseconds(1))
        }
        #expect(try await ledgers[1].deposit(1, to: "x") == 7)
        await leave(nodes)
    }

    @Test func aFunctionThatThrowsSuspendsAndSaysWhere() async throws {
        struct NoDisk: Error {}
        try await withCluster(of: 2) { configuration in
            configuration.callTimeout = .seconds(3)
        } _: { nodes in
            let good = GroupLayout.custom("mine") { [$0.members] }
            let bad = GroupLayout.custom("mine") { _ in throw NoDisk() }
            async let first = nodes[0].host("ledger", layout: good) { Ledger(actorSystem: $0) }
            _ = try await nodes[1].host("ledger", layout: bad) { Ledger(actorSystem: $0) }
            let ledger = try await first
            let failure = await #expect(throws: LockstepError.self) { try await ledger.deposit(1, to: "x") }
            #expect(failure?.code == .groupSuspended)
            #expect(failure?.message.contains("failed on b: NoDisk") == true)
        }
    }

    @Test func anotherLayoutIsRefusedAndTheClusterGoesOn() async throws {
        let cluster = TestCluster(size: 2)
        let nodes = try await cluster.found()
        let ledgers = try await host(.replicas(2), on: nodes)
        let late = try await cluster.join("late")
        let failure = await #expect(throws: LockstepError.self) {
            try await late.host("ledger", layout: .replicas(3)) { Ledger(actorSystem: $0) }
        }
        #expect(failure?.code == .layoutMismatch)
        #expect(failure?.message.contains("3 replicas, at least 2, the others as 2 replicas, at least 2") == true)
        #expect(try await ledgers[0].deposit(1, to: "x") == 1)
        await leave(nodes + [late])
    }

    @Test func groupsOfSeveralShardsCannotBeHostedYet() async throws {
        try await withCluster(of: 1) { nodes in
            let failure = await #expect(throws: LockstepError.self) {
                try await nodes[0].host("ledger", layout: .shards(2, replicas: 1)) { Ledger(actorSystem: $0) }
            }
            #expect(failure?.code == .unsupported)
        }
    }

    @Test func aGroupOnFewNodesGoesOnThroughViews() async throws {
        // What one of five nodes acknowledges needs a lease: see `mayDeliver`.
        let cluster = TestCluster(size: 4)
        let nodes = try await cluster.found()
        let ledgers = try await host(.replicas(1), on: nodes)
        for amount in 1...500 {
            #expect(try await ledgers[0].deposit(1, to: "x") == amount)
            if amount == 100 { await nodes[3].leave() }
        }
        await leave(nodes)
    }
}

@Suite("Nodes have roles", .timeLimit(.minutes(2)))
struct NodeRoleTests {
    private func join(_ cluster: String, _ name: String, _ role: NodeRole, expecting: Int = 3) async throws -> Node {
        var configuration = NodeConfiguration(cluster: cluster, name: name, expecting: expecting)
        configuration.failureTimeout = .seconds(2)
        configuration.role = role
        configuration.labels = ["zone": "z-\(name)"]
        return try await Node.join(configuration)
    }

    private func found(_ roles: [NodeRole]) async throws -> [Node] {
        let cluster = "test-\(UInt64.random(in: .min ... .max))"
        return try await withThrowingTaskGroup(of: Node.self) { group in
            for (letter, role) in zip("abcdefg", roles) {
                group.addTask { try await join(cluster, String(letter), role, expecting: roles.count) }
            }
            var nodes: [Node] = []
            for try await node in group { nodes.append(node) }
            return nodes.sorted { $0.membership.view.rank < $1.membership.view.rank }
        }
    }

    @Test func everybodyKnowsThem() async throws {
        let nodes = try await found([.member, .witness, .reader])
        for node in nodes {
            #expect(node.membership.view.members.map(\.role) == [.member, .witness, .reader])
            #expect(node.membership.view.members.map(\.labels.zone) == ["z-a", "z-b", "z-c"])
            #expect(node.membership.view.members[0].labels.host != nil)
        }
        await leave(nodes)
    }

    @Test func twoNodesAndAWitnessGoOnWithoutOneOfThem() async throws {
        let nodes = try await found([.member, .member, .witness])
        let ledgers = try await hostLedger(on: Array(nodes.prefix(2)))
        #expect(try await ledgers[0].deposit(5, to: "x") == 5)
        let failure = await #expect(throws: LockstepError.self) {
            try await nodes[2].host("ledger") { Ledger(actorSystem: $0) }
        }
        #expect(failure?.code == .unsupported)
        await nodes[0].leave()
        #expect(try await ledgers[1].deposit(1, to: "x") == 6)
        await leave(nodes)
    }

    @Test func readersDoNotCount() async throws {
        let nodes = try await found([.reader, .member, .reader])
        let ledgers = try await hostLedger(on: nodes)
        #expect(try await ledgers[0].deposit(5, to: "x") == 5)
        #expect(try await ledgers[2].balance(of: "x") == 5)
        // Two of three are gone at once, and the one that votes goes on.
        async let first: Void = nodes[0].leave()
        async let last: Void = nodes[2].leave()
        _ = await (first, last)
        #expect(try await ledgers[1].deposit(1, to: "x") == 6)
        await nodes[1].leave()
    }

    @Test func labelsThatDoNotFitAreRefused() async throws {
        var configuration = NodeConfiguration(cluster: "test", name: "a", expecting: 1)
        configuration.labels = ["zone": String(repeating: "x", count: 300)]
        let failure = await #expect(throws: LockstepError.self) { try await Node.join(configuration) }
        #expect(failure?.code == .invalidConfiguration)
        configuration.labels = ["a zone": "x"]
        let other = await #expect(throws: LockstepError.self) { try await Node.join(configuration) }
        #expect(other?.code == .invalidConfiguration)
    }
}
