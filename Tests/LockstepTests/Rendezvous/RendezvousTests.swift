import CLockstep
import Glibc
import LockstepFabric
import Testing

@testable import Lockstep

/// Joins all of them at once; in the order given.
func joinAll(_ nodes: [RendezvousNode]) async throws -> [Rendezvous] {
    try await withThrowingTaskGroup(of: (Int, Rendezvous).self) { group in
        for (index, node) in nodes.enumerated() { group.addTask { (index, try await node.join()) } }
        return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
}

func nodes(_ names: [String], in cluster: String = freshCluster(), seconds: Double = 50) -> [RendezvousNode] {
    names.map { RendezvousNode($0, in: cluster, expecting: names.count, seconds: seconds) }
}

@Suite("Rendezvous", .timeLimit(.minutes(2)))
struct RendezvousTests {
    @Test func threeNodesAgreeOnTheFirstView() async throws {
        let views = try await joinAll(nodes(["c", "a", "b"]))
        #expect(views.map(\.rank) == [2, 0, 1])
        #expect(views[0].members.map(\.name) == ["a", "b", "c"])
        #expect(views.allSatisfy { $0.members == views[0].members })
        #expect(views[0].members.allSatisfy { $0.process == getpid() })
        for view in views { view.leave() }
    }

    @Test func aNodeCanBeAlone() async throws {
        let view = try await RendezvousNode("only", in: freshCluster(), expecting: 1).join()
        #expect(view.rank == 0)
    }

    @Test func tenClustersDoNotMeet() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    let views = try await joinAll(nodes(["n1", "n2", "n3", "n4"]))
                    #expect(views.map(\.rank) == [0, 1, 2, 3])
                    #expect(views.allSatisfy { $0.members == views[0].members })
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func sixtyFourNodesMeet() async throws {
        // Two thousand pairs prove to each other that they know the key.
        let views = try await joinAll(nodes((10..<74).map { "n\($0)" }, seconds: 110))
        #expect(views.map(\.rank) == Array(0..<64))
    }

    @Test func anotherNodeReplacesTheRegistrarThatLeavesEarly() async throws {
        let cluster = freshCluster()
        let all = ["first", "x", "y", "z"].map { RendezvousNode($0, in: cluster, expecting: 3) }
        let first = Task { try await all[0].join() }
        try await all[0].journal.until { $0.waiting.contains(["first"]) }
        let second = Task { try await all[1].join() }
        try await all[1].journal.until { $0.waiting.contains(["first", "x"]) }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        let rest = try await joinAll([all[2], all[3]])
        #expect(try await second.value.members.map(\.name) == ["x", "y", "z"])
        #expect(rest.map(\.rank) == [1, 2])
    }

    @Test func whoIsLostBeforeTheInstallationIsReplaced() async throws {
        let cluster = freshCluster()
        let pair = ["a", "c"].map { RendezvousNode($0, in: cluster, expecting: 2) }
        let joining = Task { try await pair[0].join() }
        var raw: RawPeer? = try await RawPeer(to: cluster)
        try await raw?.introduce("b", to: cluster, expecting: 2)
        _ = try await raw?.next { $0.kind == .propose }
        raw = nil
        let second = try await pair[1].join()
        #expect(second.members.map(\.name) == ["a", "c"])
        #expect(try await joining.value.members == second.members)
    }

    @Test func aRegistrarThatBreaksOffItsProposalIsReplaced() async throws {
        let node = RendezvousNode("a", in: freshCluster(), expecting: 1)
        var registrar: RawRegistrar? = try RawRegistrar(of: node.request.cluster)
        let joining = Task { try await node.join() }
        var met = try await registrar?.greet()
        let address = try #require(registrar?.address.number)
        let member = MeshNode(
            name: "a", incarnation: node.request.incarnation, process: 1, regionSize: SharedMemoryRegion.testSize)
        let offer = RendezvousMessage.propose(attempt: 1, rank: 0, members: [member])
        _ = met?.0.socket.send(offer.encoded(), numbers: [address])
        #expect(try await met?.0.next() == .ready(attempt: 1))
        registrar = nil
        met = nil
        #expect(try await joining.value.members.map(\.process) == [getpid()])
    }

    @Test func whoHasNoTimeToAnswerIsCalledAgain() async throws {
        let node = RendezvousNode("b", in: freshCluster(), expecting: 2)
        let cluster = node.request.cluster
        let registrar = try RawRegistrar(of: cluster)
        let joining = Task { try await node.join() }
        let (peer, _) = try await registrar.greet()
        let members = [("a", 5), ("b", node.request.incarnation)].map {
            MeshNode(name: $0, incarnation: $1, process: getpid(), regionSize: SharedMemoryRegion.testSize)
        }
        let place = LocalSocket.address(of: cluster, node: 5)
        let busy = try Descriptor(lockstep_listen(place, place.utf8.count), of: "bind")
        let offer = RendezvousMessage.propose(attempt: 1, rank: 1, members: members)
        #expect(peer.socket.send(offer.encoded(), numbers: [registrar.address.number]) == 0)
        for _ in 0..<3 { _ = try await RawPeer(acceptedFrom: busy).next() }
        _ = consume busy
        // Now it is there.
        let mesh = try MeshMember("a", in: cluster, incarnation: 5)
        #expect(try await peer.next() == .ready(attempt: 1))
        try await mesh.journal.until { $0.connected == ["b"] }
        joining.cancel()
        _ = await joining.result
    }

    @Test func theOthersHearWhoLeft() async throws {
        let three = nodes(["a", "b", "c"])
        let views = try await joinAll(three)
        views[1].leave()
        views[1].leave()
        for other in [three[0], three[2]] {
            try await other.journal.until { $0.gone == [three[1].request.incarnation: .left] }
        }
    }
}
