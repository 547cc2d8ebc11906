import Foundation
import LockstepFabric
import LockstepProtocol
import Testing

@testable import Lockstep

/// Nodes that speak over the RDMA devices of the test rig, one for each; elsewhere there are none to test with.
@Suite("A cluster over RDMA", .enabled(if: Rig.isHere), .serialized, .timeLimit(.minutes(3)))
struct VerbsClusterTests {
    @Test func everyMemberRunsEveryUpdateAndANewcomerGetsTheState() async throws {
        let rig = Rig()
        let nodes = try await rig.found()
        let ledgers = try await hostLedger(on: nodes)
        for ledger in ledgers {
            for _ in 0..<20 { _ = try await ledger.deposit(1, to: "x") }
        }
        for ledger in ledgers { #expect(try await ledger.balance(of: "x") == 60) }
        let status = try await nodes[0].status
        #expect(status.members.map(\.link) == [nil, .verbs, .verbs])
        #expect(status.members[1].linkReason?.contains("10.77.0.1") == true)
        #expect(status.rdma?.device == "rdma1")

        let late = try await rig.join("late", on: 1)
        let ledger = try await late.host("ledger") { Ledger(actorSystem: $0) }
        #expect(try await ledger.balance(of: "x") == 60)
        #expect(try await ledger.deposit(1, to: "x") == 61)
        #expect(try await late.status.members.map(\.link) == [.verbs, .verbs, .verbs, nil])
        await leave(nodes + [late])
    }

    @Test func messagesThatFillTheRingMoreThanOnceArriveWhole() async throws {
        let nodes = try await Rig().found()
        let ledgers = try await hostLedger(on: nodes)
        let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0) }
        for ledger in ledgers {
            for _ in 0..<10 { #expect(try await ledger.store(bytes) == bytes.count) }
        }
        await leave(nodes)
    }

    /// Of two that have lost only each other, one is left out as well.
    @Test(arguments: [("cut_off 2", "heal 2"), ("cut_between 1 2", "heal_between 1 2")])
    func whoIsCutOffFindsOutAndComesBackWhenItsCableIsHealed(cut command: String, heal: String) async throws {
        let rig = Rig()
        var cut = rig.configuration("b", on: 2)
        cut.rejoin = .automatically
        let configuration = cut
        async let b = Node.join(configuration)
        async let a = rig.join("a", on: 1)
        async let c = rig.join("c", on: 3)
        let nodes = try await [a, c, b]
        let ledgers = try await hostLedger(on: nodes)
        #expect(try await ledgers[2].deposit(5, to: "x") == 5)
        try rig.run(command)
        let left = try await nodes[0].view { $0.members.count == 2 }
        #expect(nodes[0].names(in: left) == ["a", "c"])
        #expect(try await ledgers[0].deposit(1, to: "x") == 6)
        await #expect(throws: LockstepError.self) { _ = try await ledgers[2].deposit(1, to: "y") }
        try rig.run(heal)
        let healed = try await nodes[1].view { $0.number > left.number && $0.members.count == 3 }
        #expect(nodes[1].names(in: healed) == ["a", "c", "b"])
        while (try? await ledgers[2].balance(of: "x")) != 6 { try await Task.sleep(for: .milliseconds(10)) }
        #expect(try await ledgers[1].balance(of: "y") == 0)
        await leave(nodes)
    }

    /// Nobody has a majority meanwhile. Whoever is reached late is left out, and comes back.
    @Test func allGoOnWhenANetworkThatWasGoneIsBack() async throws {
        let rig = Rig()
        let nodes = try await rig.found(rejoin: .automatically)
        let ledgers = try await hostLedger(on: nodes)
        #expect(try await ledgers[0].deposit(5, to: "x") == 5)
        let view = nodes[0].membership.view
        for host in 1...3 { try rig.run("cut_off \(host)") }
        // Until the devices have given each other up.
        for node in nodes {
            for other in view.members where other.incarnation != node.membership.member.me.incarnation {
                while (node.membership.member.desk.mirror(of: other.incarnation) as? any RemoteMemory)?.isOpen == true {
                    try await Task.sleep(for: .milliseconds(10))
                }
            }
        }
        for host in 1...3 { try rig.run("heal \(host)") }
        for node in nodes { _ = try await node.view { $0.number > view.number && $0.members.count == 3 } }
        for ledger in ledgers {
            while (try? await ledger.balance(of: "x")) != 5 { try await Task.sleep(for: .milliseconds(10)) }
        }
        for (place, ledger) in ledgers.enumerated() { #expect(try await ledger.deposit(1, to: "x") == 6 + place) }
        await leave(nodes)
    }

    @Test func whereNothingLeadsToAPeerJoiningFailsWithTheReason() async throws {
        let rig = Rig()
        try rig.run("cut_off 2")
        let joining = ["a", "b", "c"].enumerated().map { place, name in
            Task { try await rig.join(name, on: place + 1) }
        }
        let error = await #expect(throws: LockstepError.self) { _ = try await joining[1].value }
        #expect(error?.message.contains("over RDMA") == true, "\(error?.message ?? "")")
        for task in joining { task.cancel() }
        for task in joining { if let node = try? await task.value { await node.leave() } }
        try rig.run("heal 2")
    }

    @Test func aDeviceThatIsNotThereIsSaid() async throws {
        let configuration = Rig().configuration("a", on: 1, fabric: .verbs(device: "nobody", .plaintext))
        let error = await #expect(throws: LockstepError.self) { _ = try await Node.join(configuration) }
        #expect(error?.code == .invalidConfiguration && error?.message.contains("rdma1:1") == true)
    }

    /// What is counted does not depend on how fast the guest is.
    @Test func anAwaitedUpdateTakesFewWrites() async throws {
        // So that there are few heartbeats meanwhile.
        let nodes = try await Rig(failureTimeout: .seconds(60)).found()
        let ledgers = try await hostLedger(on: nodes)
        for _ in 0..<50 { _ = try await ledgers[0].deposit(1, to: "x") }
        let before = nodes.map { $0.membership.rdmaCounts?.requests ?? 0 }
        let count = 200
        for _ in 0..<count { _ = try await ledgers[0].deposit(1, to: "x") }
        let perUpdateAndPeer = zip(nodes, before).map { node, before in
            Double((node.membership.rdmaCounts?.requests ?? 0) - before) / Double(count * 2)
        }
        // Two of the caller and one of each other; whoever sleeps meanwhile says so, which takes more.
        print("writes for each update and peer: \(perUpdateAndPeer)")
        #expect(perUpdateAndPeer[0] < 3 && perUpdateAndPeer[1] < 2 && perUpdateAndPeer[2] < 2)
        await leave(nodes)
    }
}

extension ProcessTests {
    @Suite("A process that is killed, over RDMA", .enabled(if: Rig.isHere))
    struct VerbsProcessTests {
        @Test func isMissedByNobody() async throws {
            async let end: Void = expectToBeKilled()
            let rig = Rig("killed-\(getpid())")
            async let a = rig.join("a", on: 1)
            async let b = rig.join("b", on: 2)
            let nodes = try await [a, b]
            let ledgers = try await hostLedger(on: nodes)
            while try await ledgers[0].balance(of: "c") < 10 { await Task.yield() }
            let child = try #require(nodes[0].membership.view.members.first { $0.name == "c" })
            #expect(kill(child.processID, SIGKILL) == 0)
            let view = try await nodes[0].view { $0.members.count == 2 }
            #expect(nodes[0].names(in: view) == ["a", "b"])
            let balance = try await ledgers[0].balance(of: "c")
            #expect(try await ledgers[1].deposit(1, to: "c") == balance + 1)
            await end
            await leave(nodes)
        }

        private func expectToBeKilled() async {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                let node = try await Rig("killed-\(getppid())").join("c", on: 3)
                let ledger = try await node.host("ledger") { Ledger(actorSystem: $0) }
                while true { _ = try await ledger.deposit(1, to: "c") }
            }
        }
    }
}

/// Three hosts, each with a device of its own, in one kernel.
struct Rig {
    static var isHere: Bool {
        #if Verbs
            Set(RDMAPort.all().map(\.device)).isSuperset(of: ["rdma1", "rdma2", "rdma3"])
        #else
            false
        #endif
    }

    let cluster: String

    /// Everything takes many times as long in a guest that is emulated.
    let failureTimeout: Duration

    init(
        _ cluster: String = "rig-\(UInt64.random(in: .min ... .max))", failureTimeout: Duration = .seconds(3)
    ) {
        self.cluster = cluster
        self.failureTimeout = failureTimeout
    }

    func configuration(_ node: String, on host: Int, fabric: FabricChoice = .verbs(.plaintext)) -> NodeConfiguration {
        var configuration = NodeConfiguration(cluster: cluster, name: node, expecting: 3)
        configuration.fabric = fabric
        let isSeed = ["a", "b", "c"].contains(node)
        configuration.listen = NodeAddress("10.77.0.\(host)", port: isSeed ? 7400 : 0)
        configuration.seeds = (1...3).map { NodeAddress("10.77.0.\($0)", port: 7400) }
        configuration.failureTimeout = failureTimeout
        // All of it is locked, for the node itself and for each peer.
        configuration.regionBytes = 16 << 20
        return configuration
    }

    func join(_ node: String, on host: Int) async throws -> Node {
        try await Node.join(configuration(node, on: host))
    }

    /// Nodes a, b and c on the hosts 1, 2 and 3.
    func found(rejoin: NodeConfiguration.Rejoin = .never) async throws -> [Node] {
        func join(_ node: String, on host: Int) async throws -> Node {
            var configuration = configuration(node, on: host)
            configuration.rejoin = rejoin
            return try await Node.join(configuration)
        }
        async let a = join("a", on: 1)
        async let b = join("b", on: 2)
        async let c = join("c", on: 3)
        return try await [a, b, c]
    }

    /// Pulls a host's cable, or plugs it in again, with the functions of the rig.
    func run(_ command: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-c", ". /run/rig/hosts; \(command)"]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}
