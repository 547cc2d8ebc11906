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
        let (group, hosting) = try await completeAtTheWedge(a, b, heldUp: c)
        try await wait(on: b) { $0.catalogue.state.missing(in: group, of: $0.view).isEmpty }
        let hasBegun = try await onPoller(of: b) { loop in
            loop.shards.value.engines.contains { $0?.value.group == group && $0?.value.isActive == true }
        }
        #expect(!hasBegun)

        await c.membership.leave(isAbrupt: true)
        let ledgers = [try await hosting[0].value, try await hosting[1].value]
        for ledger in ledgers { _ = try await ledger.deposit(1, to: "x") }
        for ledger in ledgers { #expect(try await ledger.balance(of: "x") == 2) }
        await leave(nodes)
        _ = await hosting[2].result
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

    /// Wedges `b` when it holds the last word that a group needs to begin, which one member has not received yet.
    private func completeAtTheWedge(
        _ a: Node, _ b: Node, heldUp c: Node
    ) async throws -> (GroupID, [Task<Ledger.Handle, any Error>]) {
        var attempts = 0
        while true {
            attempts += 1
            let group = GroupID("ledger-\(attempts)")
            let host = { (node: Node) in Task { try await node.host(group) { Ledger(actorSystem: $0) } } }
            let others = [b, c].map(host)
            try await wait(on: b) { $0.catalogue.state.missing(in: group, of: $0.view) == ["a"] }
            let (last, isWedged) = try await whileBlocked(c) {
                let begin = try await settledPosition(of: a, b)
                let last = host(a)
                // In the middle of a round a word of the member that is held up has to go before the last one.
                guard begin.isMultiple(of: 3) else { return (last, false) }
                try await wait(on: b) { loop in
                    guard received(by: loop) > begin else { return false }
                    _ = loop.wedge()
                    return true
                }
                return (last, true)
            }
            if isWedged { return (group, [last] + others) }
        }
    }

    /// Where the catalogue's order stands when two members have nothing more to say.
    private func settledPosition(of a: Node, _ b: Node) async throws -> UInt64 {
        var (before, same) = ([UInt64](), 0)
        while true {
            let now = [try await received(by: a), try await received(by: b)]
            same = now == before && now[0] == now[1] ? same + 1 : 0
            if same == 20 { return now[0] }
            before = now
        }
    }

    private func received(by node: Node) async throws -> UInt64 {
        try await onPoller(of: node) { received(by: $0) }
    }

    private func received(by loop: PollerLoop) -> UInt64 {
        loop.shards.value[Catalogue.shard]?.value.active?.value.core.received ?? 0
    }

    private func onPoller<Value: Sendable>(
        of node: Node, _ body: @escaping @Sendable (PollerLoop) -> Value
    ) async throws -> Value {
        let registry = node.residence.tenure.registry
        return try await registry.on(registry.pollers.first, body)
    }

    private func wait(on node: Node, until isTrue: @escaping @Sendable (PollerLoop) -> Bool) async throws {
        while try await !onPoller(of: node, isTrue) { await Task.yield() }
    }
}
