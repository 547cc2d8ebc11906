import Glibc
import LockstepTesting
import Testing

@testable import Lockstep

/// Nodes that do not know the cluster's key.
@Suite("Another key", .timeLimit(.minutes(2)))
struct OtherKeyTests {
    @Test func endsTheJoinOfANodeThatComesFirstOrLater() async throws {
        let log = LogLines()
        let cluster = freshCluster()
        let founder = RendezvousNode("a", in: cluster, expecting: 2, log: log)
        let joining = Task { try await founder.join() }
        try await founder.journal.until { !$0.waiting.isEmpty }
        try await expectRefusal(of: RendezvousNode("b", in: cluster, expecting: 2, key: .other))
        try await log.wait(for: "turned away", "different keys")
        let second = try await RendezvousNode("b", in: cluster, expecting: 2).join()
        #expect(try await joining.value.members == second.members)
        try await expectRefusal(of: RendezvousNode("c", in: cluster, expecting: 2, key: .other))
        let third = try await RendezvousNode("c", in: cluster, expecting: 2).join()
        #expect(third.outcome == .candidate(view: 1, members: second.members))
    }

    private func expectRefusal(of node: RendezvousNode) async throws {
        do {
            _ = try await node.join()
            Issue.record("it joined")
        } catch RendezvousError.otherKey(let detail) {
            #expect(detail.contains("process \(getpid())") && detail.contains(node.request.cluster))
        }
    }

    @Test func isToldToAStrangerThatMakesUpAProof() async throws {
        let node = RendezvousNode("a", in: freshCluster(), expecting: 1)
        let member = try await node.join()
        defer { member.leave() }
        let raw = try await RawPeer(to: node.request.cluster)
        #expect(raw.socket.send(.handshake(.greeting(nonce: handshakeBytes))) == 0)
        _ = try await raw.next()
        #expect(raw.socket.send(.handshake(.proof(handshakeBytes))) == 0)
        guard case .reject(.otherKey, _)? = try await raw.next() else {
            throw RendezvousError.rejected("it was let in")
        }
        #expect(try await raw.next() == nil)
    }

    @Test func isFoundOutBeforeANodeSaysWhoItIs() async throws {
        let node = RendezvousNode("a", in: freshCluster(), expecting: 1)
        let registrar = try RawRegistrar(of: node.request.cluster)
        let joining = Task { try await node.join() }
        await #expect(throws: ControlFlaw.otherKey) { try await registrar.greet(key: .other) }
        await #expect(throws: RendezvousError.self) { try await joining.value }
    }

    @Test func keepsMeshesApart() async throws {
        let cluster = freshCluster()
        let log = LogLines()
        let pair = try [MeshMember("a", in: cluster, log: log), MeshMember("b", in: cluster, key: .other)]
        pair[1].mesh.connect(to: pair[0].mesh.own)
        try await pair[1].journal.until { $0.refusals.contains { $0.contains("different keys") } }
        try await log.wait(for: "different keys")
        #expect(pair.allSatisfy { $0.journal.read.connected.isEmpty })
        let third = try MeshMember("c", in: cluster)
        try await third.connect(to: pair[0])
    }

    @Test func isAConfigurationErrorOfTheNode() async throws {
        let log = LogLines()
        try await withCluster(of: 1, logger: log.logger) { nodes in
            let cluster = try await nodes[0].status.cluster
            var configuration = NodeConfiguration(cluster: cluster, name: "b", expecting: 1)
            configuration.key = .secret(handshakeBytes)
            let error = await #expect(throws: LockstepError.self) { try await Node.join(configuration) }
            #expect(error?.code == .invalidConfiguration && error?.exitCode == 78)
            try await log.wait(for: "turned away")
            let ledger = try await nodes[0].host("ledger") { Ledger(actorSystem: $0) }
            #expect(try await ledger.deposit(1, to: "x") == 1)
        }
    }
}
