import CLockstep
import Glibc
import LockstepTesting
import Testing

@testable import Lockstep

@Suite("The status of a node", .timeLimit(.minutes(1)))
struct StatusTests {
    private func address(of node: Node) async throws -> StatusAddress {
        StatusAddress(cluster: try await node.status.cluster, node: node.membership.view.me.name)
    }

    /// A status in which nothing was too busy for a word, as may happen on a busy machine.
    private func complete(_ status: @Sendable () async throws -> NodeStatus) async throws -> NodeStatus {
        while true {
            let status = try await status()
            if status.pollers[0].mode != .busy && status.groups.allSatisfy({ $0.status != nil }) { return status }
        }
    }

    /// On a thread of its own, because it blocks: the pool has few, and other tests need them to answer.
    private func ask(_ address: StatusAddress) async throws -> NodeStatus {
        try await withCheckedThrowingContinuation { answer in
            do {
                _ = try BlockingThread(name: "ask") { answer.resume(with: Result { try NodeStatus(at: address) }) }
            } catch {
                answer.resume(throwing: error)
            }
        }
    }

    private func connect(to address: StatusAddress) throws -> LocalSocket {
        let result = lockstep_connect(address.text, address.text.utf8.count)
        return LocalSocket(descriptor: try Descriptor(result, of: "connect"))
    }

    @Test func isWhatTheNodeSaysToProgramsAndToOthers() async throws {
        try await withCluster(of: 2) { nodes in
            let ledgers = try await hostEverywhere("ledger", on: nodes) { Ledger(actorSystem: $0) }
            _ = try await nodes[0].host("alone") { Slow(actorSystem: $0) }
            _ = try await ledgers[0].deposit(5, to: "x")
            let status = try await complete { try await nodes[0].status }
            #expect(status.view == 1 && status.rank == 0)
            #expect(status.members.map(\.name) == ["a", "b"])
            #expect(status.groups.map(\.id) == ["alone", "ledger"])
            #expect(status.groups[0].status?.missing == ["b"])
            #expect(status.groups[1].status?.updates == 1)
            #expect(status.groups[1].schema == Ledger.schema)
            let address = try await address(of: nodes[0])
            #expect(StatusAddress.all().contains(address))
            let asked = try await complete { try await ask(address) }
            #expect(asked == status)
        }
    }

    @Test func isToldInSpiteOfWhoTalksAndWhoIsSilent() async throws {
        try await withCluster(of: 1) { nodes in
            let address = try await address(of: nodes[0])
            var clients: [LocalSocket] = []
            for number in 0..<20 {
                let client = try connect(to: address)
                if number % 2 == 0 { _ = client.send(Array(repeating: 0xFF, count: 1000)) }
                clients.append(client)
            }
            // Those before may be in the way for a moment.
            var status: NodeStatus?
            while status == nil { status = try? await Task { try NodeStatus(at: address) }.value }
            #expect(status?.members.map(\.name) == ["a"])
            withExtendedLifetime(clients) {}
        }
    }

    @Test func saysWhichReplicaIsBusy() async throws {
        try await withCluster(of: 1) { nodes in
            let latch = Latch.named(#function)
            let busy = try await nodes[0].host("busy", options: inLane()) { Slow(actorSystem: $0) }
            _ = try await nodes[0].host("idle") { Slow(actorSystem: $0) }
            async let passed = busy.pass(#function)
            await latch.waitForArrivals(1)
            var groups = try await nodes[0].status.groups
            while groups[1].status == nil { groups = try await nodes[0].status.groups }
            #expect(groups[0].status == nil)
            latch.open()
            _ = try await passed
        }
    }

    @Test func saysThatTheThreadIsBusy() async throws {
        try await withCluster(of: 1) { nodes in
            let latch = Latch.named(#function)
            let slow = try await nodes[0].host("slow") { Slow(actorSystem: $0) }
            async let passed = slow.pass(#function)
            await latch.waitForArrivals(1)
            let status = try await nodes[0].status
            #expect(status.pollers[0].mode == .busy && status.groups[0].status == nil)
            latch.open()
            _ = try await passed
            #expect(try await complete { try await nodes[0].status }.pollers[0].mode != .busy)
        }
    }

    @Test func isNotToldAfterTheNodeHasLeft() async throws {
        try await withCluster(of: 1) { nodes in
            let address = try await address(of: nodes[0])
            await nodes[0].leave()
            #expect(await code { _ = try await nodes[0].status } == .notMember)
            #expect(await code { _ = try await ask(address) } == .noAnswer)
            while StatusAddress.all().contains(address) { await Task.yield() }
        }
    }

    @Test func isAtAnAddressOfTheUser() {
        let address = StatusAddress(cluster: "shop", node: "a.b")
        #expect(address.text == "lockstep-status/\(getuid())/shop/a.b")
        #expect(StatusAddress("shop/a.b") == address)
        for other in ["", "shop", "lockstep/0/shop", "lockstep-status/0x/shop/a", "\(address.text)/c"] {
            #expect(StatusAddress(other) == nil, "\(other)")
        }
        #expect(abstractSocketNames(after: "lockstep-status/0x/").isEmpty)
    }

    @Test("has the hash of the stored properties alone")
    func hashesWhatIsStored() async throws {
        try await withCluster(of: 2) { nodes in
            let ledgers = try await hostEverywhere("ledger", on: nodes) { Ledger(actorSystem: $0) }
            _ = try await ledgers[0].deposit(1, to: "x")
            let before = try await ledgers[0].group.status()
            // It runs, and changes nothing that is stored.
            await #expect(throws: Overdrawn.self) { try await ledgers[0].withdraw(5, from: "x") }
            let after = try await ledgers[0].group.status()
            #expect(after.updates == before.updates + 1)
            #expect(after.stateHash == before.stateHash)
            _ = try await ledgers[0].deposit(1, to: "x")
            #expect(try await ledgers[0].group.status().stateHash != before.stateHash)
        }
    }
}
