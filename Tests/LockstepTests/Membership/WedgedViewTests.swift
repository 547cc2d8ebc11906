import LockstepFabric
import LockstepProtocol
import Testing

@testable import Lockstep

/// What is delivered when a view is over already, and the next has not begun.
@Suite("A wedged view", .timeLimit(.minutes(2)))
struct WedgedViewTests {
    /// Members that are held up must not look dead; those who go say so.
    private let cluster = TestCluster(size: 3, failureTimeout: .seconds(60))

    @Test func aGroupThatIsCompleteNowBeginsInTheNextView() async throws {
        let nodes = try await cluster.found()
        let (a, b, c) = (nodes[0], nodes[1], nodes[2])
        let hosting = [c, b].map { node in
            Task { try await node.host("ledger") { Ledger(actorSystem: $0) } }
        }
        try await wait(on: b) { $0.catalogue.state.missing(in: "ledger", of: $0.view) == ["a"] }
        // The last word is here, and not yet everywhere, when this member wedges.
        let last = try await whileBlocked(c) {
            let last = Task { try await a.host("ledger") { Ledger(actorSystem: $0) } }
            try await wait(on: b) { loop in
                guard let core = loop.shards.value[Catalogue.shard]?.value.active?.value.core else { return false }
                return core.receivedByMember[2] < core.receivedByMember[1] && core.received > core.delivered
            }
            _ = try await onPoller(of: b) { _ = $0.wedge() }
            return last
        }
        try await wait(on: b) { $0.catalogue.state.missing(in: "ledger", of: $0.view).isEmpty }
        let hasBegun = try await onPoller(of: b) { loop in
            loop.shards.value.engines.contains { $0?.value.group == "ledger" && $0?.value.isActive == true }
        }
        #expect(!hasBegun)

        await c.membership.leave(isAbrupt: true)
        let ledgers = [try await last.value, try await hosting[1].value]
        for ledger in ledgers { _ = try await ledger.deposit(1, to: "x") }
        for ledger in ledgers { #expect(try await ledger.balance(of: "x") == 2) }
        await leave(nodes)
        _ = await hosting[0].result
    }

    @Test func withoutATotalOrderMembersMayHaveDeliveredMoreThanAllHaveReceived() async throws {
        let nodes = try await cluster.found()
        let tapes = try await hostTapes(on: nodes, order: .senders)
        for tape in tapes { try await tape.begins() }
        try await whileBlocked(nodes[1]) {
            for number in 0..<3 { try await tapes[0].post(number: number) }
            let numbers = try await tapes[0].numbers(atLeast: 3)
            #expect(numbers == [0, 1, 2])
            await nodes[2].membership.leave(isAbrupt: true)
            try await wait(on: nodes[0]) { $0.isWedged }
        }
        for node in nodes.prefix(2) { _ = try await node.view { $0.members.count == 2 } }
        try await tapes[0].post(number: 3)
        for tape in tapes.prefix(2) {
            while try await tape.numbers().last != 3 { await Task.yield() }
            let numbers = try await tape.numbers()
            #expect(numbers == Array(numbers.sorted().suffix(numbers.count)))
        }
        await leave(nodes)
    }

    private func onPoller<Value: Sendable>(
        of node: Node, _ body: @escaping @Sendable (PollerLoop) -> Value
    ) async throws -> Value {
        try await node.residence.tenure.registry.onPoller(body)
    }

    private func wait(on node: Node, until isTrue: @escaping @Sendable (PollerLoop) -> Bool) async throws {
        while try await !onPoller(of: node, isTrue) { await Task.yield() }
    }
}
