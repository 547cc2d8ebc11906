import Glibc
import LockstepFabric
import LockstepTesting
import Testing

@testable import Lockstep

@Suite("Rendezvous: a cluster that runs", .timeLimit(.minutes(2)))
struct RunningClusterTests {
    @Test func aLatecomerIsConnectedToTheMembersAsACandidate() async throws {
        let three = nodes(["a", "b", "c"])
        let views = try await joinAll(three)
        let late = RendezvousNode("d", in: three[0].request.cluster, expecting: 3)
        let candidate = try await late.join()
        #expect(candidate.outcome == .candidate(view: 1, members: views[0].members))
        #expect(late.journal.read.connected.sorted() == ["a", "b", "c"])
        for (node, view) in zip(three, views) {
            try await node.journal.until { $0.connected.contains("d") }
            candidate.mesh.send(7, Array("let me in".utf8), to: view.mesh.own.id)
            try await node.journal.until { $0.messages == ["\(late.request.incarnation) 7 let me in"] }
        }
    }

    @Test func newcomersHearOfTheCurrentView() async throws {
        let first = RendezvousNode("a", in: freshCluster(), expecting: 1)
        let founder = try await first.join()
        let second = try await RendezvousNode("b", in: first.request.cluster, expecting: 1).join()
        let members = founder.members + [second.mesh.own]
        for node in [founder, second] { try node.setMembers(members, view: 5) }
        founder.leave()
        let third = try await RendezvousNode("c", in: first.request.cluster, expecting: 1).join()
        #expect(third.outcome == .candidate(view: 5, members: members))
    }

    @Test func theAddressOutlivesEveryMemberButTheLast() async throws {
        let three = nodes(["a", "b", "c"])
        let views = try await joinAll(three)
        for view in views {
            let strangers = (0..<5).map { RendezvousNode("s\($0)", in: three[0].request.cluster, expecting: 1) }
            for stranger in try await joinAll(strangers) {
                #expect(stranger.outcome == .candidate(view: 1, members: views[0].members))
                stranger.leave()
            }
            view.leave()
        }
        let next = try await RendezvousNode("d", in: three[0].request.cluster, expecting: 1).join()
        #expect(next.members.map(\.name) == ["d"])
    }

    /// A candidate that has seen the only member go.
    private func lonelyCandidate(in cluster: String) async throws -> Rendezvous {
        let member = try await RendezvousNode("a", in: cluster, expecting: 1).join()
        let late = RendezvousNode("b", in: cluster, expecting: 1)
        let candidate = try await late.join()
        member.leave()
        try await late.journal.until { !$0.gone.isEmpty }
        return candidate
    }

    @Test func aCandidateThatGivesUpLetsGoOfTheAddress() async throws {
        let cluster = freshCluster()
        let candidate = try await lonelyCandidate(in: cluster)
        candidate.leave()
        let next = try await RendezvousNode("c", in: cluster, expecting: 1).join()
        #expect(next.rank == 0)
    }

    @Test func aCandidateMayBecomeAMemberWhenAllWhomItMetAreGone() async throws {
        let cluster = freshCluster()
        let candidate = try await lonelyCandidate(in: cluster)
        try candidate.setMembers([candidate.mesh.own], view: 2)
        let next = try await RendezvousNode("c", in: cluster, expecting: 1).join()
        #expect(next.outcome == .candidate(view: 2, members: [candidate.mesh.own]))
    }

    @Test(arguments: [[], [0], [1], [0, 1]])
    func aRegistrarThatDiesWhileItInstallsLeavesOneView(hearing: [Int]) async throws {
        let pair = nodes(["a", "b"])
        var registrar: RawRegistrar? = try RawRegistrar(of: pair[0].request.cluster)
        let joining = pair.map { node in Task { try await node.join() } }
        var met: [String: RawPeer] = [:]
        for _ in pair {
            if let (peer, hello) = try await registrar?.greet() { met[hello.name] = peer }
        }
        let members = pair.map {
            MeshNode(
                name: $0.request.name, incarnation: $0.request.incarnation, process: getpid(),
                regionSize: SharedMemoryRegion.testSize)
        }
        let address = try #require(registrar?.address.number)
        for (rank, member) in members.enumerated() {
            let offer = RendezvousMessage.propose(attempt: 3, rank: rank, members: members)
            _ = met[member.name]?.socket.send(offer.encoded(), numbers: [address])
        }
        for member in members { #expect(try await met[member.name]?.next() == .ready(attempt: 3)) }
        for rank in hearing { _ = met[members[rank].name]?.socket.send(.install(attempt: 3)) }
        registrar = nil
        met = [:]
        for (rank, joining) in joining.enumerated() {
            #expect(try await joining.value.outcome == .founded(rank: rank, members: members))
        }
    }

    @Test func whoGivesUpWhileOthersJoinLeavesOneView() async throws {
        var numbers = SeededRandom(seed: 5)
        for _ in 0..<30 {
            let cluster = freshCluster()
            let lost = Int.random(in: 0..<5, using: &numbers)
            let patience = Int.random(in: 0..<3000, using: &numbers)
            let joining = (0..<5).map { index in
                Task { try await RendezvousNode("n\(index)", in: cluster, expecting: 3).join() }
            }
            Task {
                try await Task.sleep(for: .microseconds(patience))
                joining[lost].cancel()
            }
            var joined: [Rendezvous] = []
            for task in joining {
                do { joined.append(try await task.value) } catch is CancellationError {}
            }
            #expect(joined.count >= 4)
            #expect(Set(joined.map { $0.members.map(\.id) }).count == 1)
            #expect(joined.filter { $0.rank != nil }.count <= 3)
            for node in joined { node.leave() }
        }
    }
}
