import Lockstep
import Testing

@Suite("Views change", .timeLimit(.minutes(2)))
struct ViewChangeTests {
    @Test func theOthersGoOnWithoutAMemberThatLeaves() async throws {
        let nodes = try await TestCluster(size: 3).found()
        let ledgers = try await hostLedger(on: nodes)
        #expect(try await ledgers[2].deposit(5, to: "x") == 5)
        await nodes[2].leave()
        for (node, ledger) in zip(nodes, ledgers).prefix(2) {
            let view = try await node.view { $0.members.count == 2 }
            #expect(node.names(in: view) == ["a", "b"])
            #expect(view.change?.gone.map(\.name) == ["c"])
            #expect(view.change?.left.map(\.name) == ["c"])
            _ = try await ledger.deposit(1, to: "x")
        }
        #expect(try await ledgers[0].balance(of: "x") == 7)
        await leave(nodes)
    }

    @Test func aCallOfAMemberThatHasLeftIsRefused() async throws {
        let nodes = try await TestCluster(size: 2).found()
        let ledgers = try await hostLedger(on: nodes)
        await nodes[1].leave()
        let failure = await #expect(throws: LockstepError.self) { try await ledgers[1].deposit(1, to: "x") }
        #expect(failure?.code == .notMember)
        #expect(try await ledgers[0].deposit(1, to: "x") == 1)
        await leave(nodes)
    }

    @Test func whoComesLaterGetsTheState() async throws {
        let cluster = TestCluster(size: 2)
        let nodes = try await cluster.found()
        let ledgers = try await hostLedger(on: nodes)
        for amount in 1...100 { _ = try await ledgers[0].deposit(amount, to: "x") }

        let late = try await cluster.join("late")
        #expect(late.names(in: late.membership.view) == ["a", "b", "late"])
        let ledger = try await late.host("ledger") { Ledger(actorSystem: $0) }
        #expect(try await ledger.balance(of: "x") == 5050)
        #expect(try await ledger.deposit(1, to: "x") == 5051)
        #expect(try await ledgers[1].balance(of: "x") == 5051)
        let hashes = try await (ledgers[0].group.status().stateHash, ledger.group.status().stateHash)
        #expect(hashes.0 == hashes.1)
        await leave(nodes + [late])
    }

    @Test func aNodeOfAKnownNameComesBack() async throws {
        let cluster = TestCluster(size: 2)
        let nodes = try await cluster.found()
        let ledgers = try await hostLedger(on: nodes)
        _ = try await ledgers[0].deposit(5, to: "x")
        let before = nodes[1].membership.view.members[1].incarnation
        await nodes[1].leave()
        let again = try await cluster.join("b")
        #expect(again.membership.view.members.last?.incarnation != before)
        let ledger = try await again.host("ledger") { Ledger(actorSystem: $0) }
        #expect(try await ledger.deposit(1, to: "x") == 6)
        await leave([nodes[0], again])
    }

    @Test func severalComeAtOnce() async throws {
        let cluster = TestCluster(size: 2)
        let nodes = try await cluster.found()
        async let c = cluster.join("c")
        async let d = cluster.join("d")
        let all = try await nodes + [c, d]
        for node in all { _ = try await node.view { $0.members.count == 4 } }
        let ledgers = try await hostLedger(on: all)
        for ledger in ledgers { _ = try await ledger.deposit(1, to: "x") }
        #expect(try await ledgers[3].balance(of: "x") == 4)
        await leave(all)
    }

    @Test func whatIsCalledWhileAViewEndsRunsOnce() async throws {
        let cluster = TestCluster(size: 3)
        let nodes = try await cluster.found()
        let ledgers = try await hostLedger(on: nodes)
        let calls = 300
        try await withThrowingTaskGroup(of: Void.self) { group in
            for ledger in ledgers.prefix(2) {
                for caller in 0..<4 {
                    group.addTask {
                        for _ in 0..<calls { _ = try await ledger.deposit(1, to: "caller \(caller)") }
                    }
                }
            }
            group.addTask {
                _ = try await ledgers[2].deposit(1, to: "c")
                await nodes[2].leave()
            }
            group.addTask {
                let late = try await cluster.join("late")
                let ledger = try await late.host("ledger") { Ledger(actorSystem: $0) }
                _ = try await ledger.deposit(1, to: "late")
                await late.leave()
            }
            try await group.waitForAll()
        }
        for ledger in ledgers.prefix(2) {
            for caller in 0..<4 { #expect(try await ledger.balance(of: "caller \(caller)") == 2 * calls) }
        }
        let hashes = try await (ledgers[0].group.status(), ledgers[1].group.status())
        #expect(hashes.0.stateHash == hashes.1.stateHash)
        await leave(nodes)
    }

    @Test func theLastOneCanLeaveToo() async throws {
        let nodes = try await TestCluster(size: 3).found()
        for node in nodes { await node.leave() }
        #expect(nodes[2].membership.view.members.map(\.name) == ["c"])
    }

    @Test func everybodySeesTheSameViews() async throws {
        let cluster = TestCluster(size: 2)
        let nodes = try await cluster.found()
        let recorders = nodes.map { node in
            Task {
                var seen: [UInt64: [String]] = [:]
                for await view in node.views { seen[view.number] = view.members.map(\.name) }
                return seen
            }
        }
        for name in ["c", "d"] {
            let node = try await cluster.join(name)
            await node.leave()
        }
        await leave(nodes)
        let seen = (await recorders[0].value, await recorders[1].value)
        for (number, names) in seen.0 { #expect(seen.1[number] == names || seen.1[number] == nil) }
        #expect(seen.0.values.contains { $0.contains("d") })
    }
}
