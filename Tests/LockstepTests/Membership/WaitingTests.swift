import LockstepTesting
import Testing

@testable import Lockstep

@Suite("Waiting for members", .timeLimit(.minutes(2)))
struct WaitingTests {
    @Test func endsWithTheViewThatHasThem() async throws {
        let cluster = TestCluster(size: 2)
        let nodes = try await cluster.found()
        #expect(try await nodes[0].wait(forMembers: 2).number == 1)
        async let view = nodes[0].wait(forMembers: 3)
        let late = try await cluster.join("late")
        #expect(try await view.members.map(\.name) == ["a", "b", "late"])
        await leave(nodes + [late])
    }

    @Test func ofAGroupEndsWhenTheyHaveItsState() async throws {
        let cluster = TestCluster(size: 2)
        let nodes = try await cluster.found()
        let ledgers = try await hostLedger(on: nodes)
        try await ledgers[0].group.wait(forMembers: 2)
        let late = try await cluster.join("late")
        async let waiting: Void = ledgers[0].group.wait(forMembers: 3)
        let ledger = try await late.host("ledger") { Ledger(actorSystem: $0) }
        try await waiting
        #expect(try await ledgers[0].group.status().missing == [])
        try await ledger.group.wait(forMembers: 3)
        await leave(nodes + [late])
    }

    @Test func hasADeadline() async throws {
        try await withCluster(of: 1) { nodes in
            let ledgers = try await hostLedger(on: nodes)
            let time = Duration.milliseconds(1)
            #expect(await code { try await nodes[0].wait(forMembers: 2, timeout: time) } == .timedOut)
            #expect(await code { try await ledgers[0].group.wait(forMembers: 2, timeout: time) } == .timedOut)
        }
    }

    @Test func canBeCancelled() async throws {
        try await withCluster(of: 1) { nodes in
            let ledgers = try await hostLedger(on: nodes)
            let node = Task { try await nodes[0].wait(forMembers: 2) }
            let group = Task { try await ledgers[0].group.wait(forMembers: 2) }
            node.cancel()
            group.cancel()
            await #expect(throws: CancellationError.self) { try await node.value }
            await #expect(throws: CancellationError.self) { try await group.value }
        }
    }

    @Test func endsWhenTheNodeLeaves() async throws {
        try await withCluster(of: 1) { nodes in
            let ledgers = try await hostLedger(on: nodes)
            let node = Task { await code { try await nodes[0].wait(forMembers: 2) } }
            let group = Task { await code { try await ledgers[0].group.wait(forMembers: 2) } }
            await nodes[0].leave()
            #expect(await node.value == .notMember)
            #expect(await group.value == .notMember)
        }
    }
}
