import Lockstep
import LockstepTesting
import Testing

@Suite("Queries", .timeLimit(.minutes(2)))
struct ConsistencyTests {
    private static let all: [Consistency] = [.linearizable, .leased, .local]

    @Test("see what is there, with each consistency", arguments: all)
    func seeTheState(consistency: Consistency) async throws {
        try await withCluster(of: 3) { nodes in
            let ledgers = try await hostEverywhere("ledger", on: nodes) { Ledger(actorSystem: $0) }
            for amount in 1...20 {
                let balance = try await ledgers[1].deposit(1, to: "x")
                // The caller's own replica has executed it.
                #expect(try await ledgers[1].reading(consistency).balance(of: "x") == balance)
                #expect(balance == amount)
            }
        }
    }

    @Test("see what anybody was told before, on every member", arguments: [.linearizable, .leased] as [Consistency])
    func areLinearizable(consistency: Consistency) async throws {
        try await withCluster(of: 3) { nodes in
            let ledgers = try await hostEverywhere("ledger", on: nodes) { Ledger(actorSystem: $0) }
            for round in 1...100 {
                let balance = try await ledgers[round % 3].deposit(1, to: "x")
                let seen = try await ledgers[(round + 1) % 3].reading(consistency).balance(of: "x")
                #expect(seen == balance)
            }
        }
    }

    @Test("are answered by a member that does not send", arguments: all)
    func needNoRing(consistency: Consistency) async throws {
        try await withCluster(of: 2) { nodes in
            var options = GroupOptions()
            async let sender = nodes[0].host("ledger") { Ledger(actorSystem: $0) }
            options.sends = false
            let reader = try await nodes[1].host("ledger", options: options) { Ledger(actorSystem: $0) }
            for amount in 1...20 {
                let balance = try await sender.deposit(1, to: "x")
                #expect(balance == amount)
                let seen = try await reader.reading(consistency).balance(of: "x")
                #expect(consistency == .local ? seen <= balance : seen == balance)
            }
            let failure = await #expect(throws: LockstepError.self) { try await reader.deposit(1, to: "x") }
            #expect(failure?.code == .notSender)
        }
    }

    @Test("are answered in a lane behind what was delivered before", arguments: all)
    func keepTheOrderOfALane(consistency: Consistency) async throws {
        try await withCluster(of: 2) { nodes in
            var options = GroupOptions()
            options.execution = .lane
            let ledgers = try await hostEverywhere("ledger", on: nodes, options: options) { Ledger(actorSystem: $0) }
            for round in 1...20 {
                let balance = try await ledgers[0].deposit(1, to: "x")
                #expect(balance == round)
                #expect(try await ledgers[0].reading(consistency).balance(of: "x") == balance)
            }
        }
    }

    @Test("go on in the next view", arguments: all)
    func surviveAViewChange(consistency: Consistency) async throws {
        let nodes = try await TestCluster(size: 3).found()
        let ledgers = try await hostLedger(on: nodes)
        _ = try await ledgers[0].deposit(5, to: "x")
        async let isGone: Void = nodes[2].leave()
        for _ in 1...200 { #expect(try await ledgers[0].reading(consistency).balance(of: "x") == 5) }
        await isGone
        _ = try await nodes[0].view { $0.members.count == 2 }
        #expect(try await ledgers[0].reading(consistency).balance(of: "x") == 5)
        await leave(nodes)
    }

    @Test("fail when their node has left", arguments: all)
    func failAfterTheEnd(consistency: Consistency) async throws {
        let nodes = try await TestCluster(size: 2).found()
        let ledgers = try await hostLedger(on: nodes)
        await nodes[1].leave()
        let failure = await #expect(throws: LockstepError.self) {
            try await ledgers[1].reading(consistency).balance(of: "x")
        }
        #expect(failure?.code == .notMember)
        await leave(nodes)
    }
}
