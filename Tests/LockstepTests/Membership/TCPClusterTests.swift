import LockstepFabric
import Testing

@testable import Lockstep

@Suite("A cluster over TCP", .timeLimit(.minutes(2)))
struct TCPClusterTests {
    private let cluster: TestCluster

    init() { cluster = TestCluster(size: 3, seeds: NodeAddress.free(2)) }

    @Test func everyMemberRunsEveryUpdate() async throws {
        try await cluster.runUpdatesOfAll()
    }

    @Test func nodesOfOneHostShareMemoryUnlessTCPIsAskedFor() async throws {
        for (sharesMemory, link, reason) in [
            (false, .tcp, "it is asked for by name"), (true, .sharedMemory, "they are on one host"),
        ] as [(Bool, NodeStatus.Link, String)] {
            var cluster = TestCluster(size: 2, seeds: NodeAddress.free(1))
            cluster.sharesMemory = sharesMemory
            let nodes = try await cluster.found()
            let ledgers = try await hostLedger(on: nodes)
            #expect(try await ledgers[0].deposit(5, to: "x") == 5)
            #expect(try await ledgers[1].deposit(1, to: "x") == 6)
            let status = try await nodes[0].status
            #expect(status.members.map(\.link) == [nil, link] && status.members[1].linkReason == reason)
            #expect(status.rdma == nil)
            await leave(nodes)
        }
    }

    @Test func strangersAtThePortDisturbNobody() async throws {
        let port = try #require(cluster.seeds.first)
        let nodes = try await cluster.found()
        var strangers: [StreamSocket] = []
        for purpose in [.rendezvous, .mesh, .polling, .membership] as [StreamPurpose] {
            let stranger = try StreamEndpoint.connect(to: port, for: purpose)
            _ = stranger.send(Array(repeating: 0xFF, count: 1000), numbers: [])
            strangers.append(stranger)
        }
        for stranger in strangers { #expect(await isCutOff(stranger)) }
        let ledgers = try await hostLedger(on: nodes)
        #expect(try await ledgers[1].deposit(5, to: "x") == 5)
        await leave(nodes)
    }

    /// True when the other side has ended a connection, whatever it said before.
    private func isCutOff(_ socket: StreamSocket) async -> Bool {
        while true {
            switch socket.receive() {
            case .closed: return true
            case .tooLong: return false
            case .message: continue
            case .nothing: try? await Task.sleep(for: .milliseconds(1))
            }
        }
    }

    @Test func anAddressThatIsTakenIsSaid() async throws {
        let alone = TestCluster(size: 1, seeds: NodeAddress.free(1))
        let node = try await alone.join("a")
        let error = await #expect(throws: LockstepError.self) {
            _ = try await TestCluster(size: 1, seeds: alone.seeds).join("a")
        }
        #expect(error?.description.contains("cannot listen at \(alone.seeds[0])") == true)
        await node.leave()
    }

    @Test func messagesThatFillTheRingMoreThanOnceArriveWhole() async throws {
        try await cluster.fillTheRing()
    }

    @Test func theOthersGoOnWithoutAMemberThatFallsSilent() async throws {
        var cluster = cluster
        cluster.failureTimeout = .seconds(5)
        let nodes = try await cluster.found()
        let ledgers = try await hostLedger(on: nodes)
        #expect(try await ledgers[2].deposit(5, to: "x") == 5)
        await nodes[2].membership.leave(isAbrupt: true)
        let view = try await nodes[0].view { $0.members.count == 2 }
        #expect(nodes[0].names(in: view) == ["a", "b"])
        #expect(try await ledgers[0].deposit(1, to: "x") == 6)
        #expect(try await ledgers[1].deposit(1, to: "x") == 7)
        await leave(Array(nodes.prefix(2)))
    }

    @Test func allGoOnTogetherWhenConnectionsEnd() async throws {
        let nodes = try await cluster.found()
        let ledgers = try await hostLedger(on: nodes)
        for broken in [[1], [1, 2]] {
            let view = nodes[0].membership.view
            let sum = try await ledgers[0].deposit(1, to: "x")
            for rank in broken {
                let memory = nodes[0].membership.member.desk.mirror(of: view.members[rank].incarnation)
                try #require(memory as? any RemoteMemory).close()
            }
            let next = try await nodes[0].view { $0.number > view.number }
            #expect(nodes[0].names(in: next) == ["a", "b", "c"])
            for (place, ledger) in ledgers.enumerated() {
                #expect(try await ledger.deposit(1, to: "x") == sum + place + 1)
            }
        }
        await leave(nodes)
    }

    @Test func whoComesLaterGetsTheStateAndOutlivesTheFirstSeed() async throws {
        let nodes = try await cluster.found()
        let ledgers = try await hostLedger(on: nodes)
        for amount in 1...100 { _ = try await ledgers[0].deposit(amount, to: "x") }
        await nodes[0].leave()
        let late = try await cluster.join("late")
        #expect(late.names(in: late.membership.view) == ["b", "c", "late"])
        let ledger = try await late.host("ledger") { Ledger(actorSystem: $0) }
        #expect(try await ledger.balance(of: "x") == 5050)
        #expect(try await ledger.deposit(1, to: "x") == 5051)
        #expect(try await ledgers[1].balance(of: "x") == 5051)
        await leave([nodes[1], nodes[2], late])
    }

    @Test func noClusterBeginsWithoutMoreThanHalfOfTheSeeds() async throws {
        let few = TestCluster(size: 2, seeds: NodeAddress.free(3))
        async let first = few.join("a")
        async let other = few.join("x")
        try await few.log.wait(for: "waiting for nodes", #"["a", "x"]"#)
        async let second = few.join("b")
        let nodes = try await [first, second, other]
        let view = try await nodes[0].view { $0.members.count == 3 }
        #expect(nodes[0].names(in: view) == ["a", "b", "x"])
        await leave(nodes)
    }

    @Test func theFirstSeedComesBackToTheClusterThatRuns() async throws {
        let nodes = try await cluster.found()
        let ledgers = try await hostLedger(on: nodes)
        _ = try await ledgers[0].deposit(5, to: "x")
        await nodes[0].leave()
        let again = try await cluster.join("a")
        #expect(again.names(in: again.membership.view) == ["b", "c", "a"])
        let ledger = try await again.host("ledger") { Ledger(actorSystem: $0) }
        #expect(try await ledger.deposit(1, to: "x") == 6)
        await leave([nodes[1], nodes[2], again])
    }
}
