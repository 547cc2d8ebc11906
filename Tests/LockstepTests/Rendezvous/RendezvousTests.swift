import Glibc
import Testing

@testable import Lockstep

/// Joins all of them at once; in the order given.
private func joinAll(_ nodes: [RendezvousNode]) async throws -> [Rendezvous] {
    try await withThrowingTaskGroup(of: (Int, Rendezvous).self) { group in
        for (index, node) in nodes.enumerated() { group.addTask { (index, try await node.join()) } }
        return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
}

private func nodes(_ names: [String], in cluster: String = freshCluster()) -> [RendezvousNode] {
    names.map { RendezvousNode($0, in: cluster, expecting: names.count) }
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
        let views = try await joinAll(nodes((10..<74).map { "n\($0)" }))
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
        let hello = RawPeer.hello("b", in: cluster, expecting: 2)
        #expect(raw?.socket.send(hello, with: [RendezvousRegion().descriptor]) == 0)
        _ = try await raw?.next { $0.kind == .propose }
        try await pair[0].journal.until { $0.proposals.count == 1 }
        raw = nil
        try await pair[0].journal.until { $0.abandoned == 1 }
        let second = try await pair[1].join()
        #expect(second.members.map(\.name) == ["a", "c"])
        #expect(try await joining.value.members == second.members)
        #expect(pair[0].journal.read.abandoned == 1)
    }

    @Test func aRegistrarThatBreaksOffItsProposalIsReplaced() async throws {
        let node = RendezvousNode("a", in: freshCluster(), expecting: 1)
        var registrar: RawRegistrar? = try RawRegistrar(of: node.request.cluster)
        let joining = Task { try await node.join() }
        var met = try await registrar?.greet()
        let hello = try #require(met?.1)
        let member = RendezvousMember(
            name: "a", incarnation: hello.incarnation, process: 1, regionSize: hello.regionSize)
        let offer = RendezvousMessage.propose(attempt: 1, rank: 0, members: [member])
        _ = met?.0.socket.send(offer, with: met?.2 ?? [])
        #expect(try await met?.0.next() == .mapped(attempt: 1))
        registrar = nil
        met = nil
        #expect(try await joining.value.members.map(\.process) == [getpid()])
        #expect(node.journal.read.abandoned == 1)
    }
}

@Suite("Rendezvous: who is gone", .timeLimit(.minutes(2)))
struct RendezvousGoneTests {
    @Test func theOthersHearWhoLeft() async throws {
        let three = nodes(["a", "b", "c"])
        let views = try await joinAll(three)
        views[1].leave()
        views[1].leave()
        try await three[0].journal.until { $0.gone == [1: .left] }
        try await three[2].journal.until { $0.gone == [1: .left] }
    }

    @Test func theRegistrarMayLeaveToo() async throws {
        let cluster = freshCluster()
        let pair = ["host", "other"].map { RendezvousNode($0, in: cluster, expecting: 2) }
        let host = Task { try await pair[0].join() }
        try await pair[0].journal.until { !$0.waiting.isEmpty }
        let other = try await pair[1].join()
        try await host.value.leave()
        try await pair[1].journal.until { $0.gone == [0: .left] }
        other.leave()
    }

    @Test func theOthersHearWhoDied() async throws {
        let node = RendezvousNode("a", in: freshCluster(), expecting: 2)
        let joining = Task { try await node.join() }
        var raw: RawPeer? = try await RawPeer(to: node.request.cluster)
        let hello = RawPeer.hello("b", in: node.request.cluster, expecting: 2)
        #expect(raw?.socket.send(hello, with: [RendezvousRegion().descriptor]) == 0)
        _ = try await raw?.next { $0.kind == .propose }
        #expect(raw?.socket.send(.mapped(attempt: 1)) == 0)
        #expect(try await raw?.next() == .install(attempt: 1, view: 1, registrar: 0))
        let view = try await joining.value
        raw = nil
        try await node.journal.until { $0.gone == [1: .died] }
        view.leave()
    }

    @Test func theDeathOfTheRegistrarIsSeen() async throws {
        let node = RendezvousNode("a", in: freshCluster(), expecting: 2)
        var registrar: RawRegistrar? = try RawRegistrar(of: node.request.cluster)
        let joining = Task { try await node.join() }
        var met = try await registrar?.greet()
        let hello = try #require(met?.1)
        let members = [("a", hello.incarnation), ("b", 9)].map {
            RendezvousMember(name: $0, incarnation: $1, process: 1, regionSize: hello.regionSize)
        }
        let regions = (met?.2 ?? []) + [RendezvousRegion().descriptor]
        _ = met?.0.socket.send(.propose(attempt: 5, rank: 0, members: members), with: regions)
        #expect(try await met?.0.next() == .mapped(attempt: 5))
        _ = met?.0.socket.send(.install(attempt: 5, view: 1, registrar: 1))
        let view = try await joining.value
        registrar = nil
        met = nil
        try await node.journal.until { $0.gone == [1: .died] }
        view.leave()
    }

    @Test func leavingFromTheCallbackIsAllowed() async throws {
        let three = nodes(["a", "b", "c"])
        // The registrar has to stay, to tell its node of both.
        let last = Task { try await three[2].join() }
        try await three[2].journal.until { !$0.waiting.isEmpty }
        let views = try await joinAll([three[0], three[1]])
        let leaver = views[0]
        leaver.watch { _, _ in leaver.leave() }
        views[1].leave()
        try await three[2].journal.until { $0.gone == [0: .left, 1: .left] }
        try await last.value.leave()
    }
}
