import LockstepTesting
import Testing

@testable import Lockstep

@Suite("Clients: bad input", .timeLimit(.minutes(2)))
struct ClientServerTests {
    private let cluster = TestCluster(size: 1)

    private func withNode(_ body: (Ledger.Handle, ClientAddress) async throws -> Void) async throws {
        let node = try await cluster.join("a")
        let ledger = try await node.host("ledger") { Ledger(actorSystem: $0) }
        try await body(ledger, ClientAddress(cluster: cluster.name, node: "a"))
        // Others are served as if nothing had been.
        let client = try await cluster.connect()
        let before = try await ledger.balance(of: "others")
        #expect(try await client.group(Ledger.self, "ledger").deposit(1, to: "others") == before + 1)
        await client.close()
        await node.leave()
    }

    @Test func garbageClosesOnlyItsOwnConnection() async throws {
        try await withNode { _, address in
            var random = SeededRandom(seed: 5)
            for index in 0..<300 {
                let raw = try await RawClient(to: address, in: cluster.name, greets: index % 3 == 0)
                var bytes = clientMessages[random.pick(0...(clientMessages.count - 1))].encoded()
                if index % 2 == 0 {
                    bytes = (0...random.pick(0...200)).map { _ in UInt8(random.pick(0...255)) }
                } else {
                    bytes[random.pick(0...(bytes.count - 1))] ^= UInt8(random.pick(1...255))
                }
                _ = raw.connection.socket?.send(bytes, numbers: [])
            }
        }
    }

    @Test func whatComesAtTheWrongTimeIsToldSo() async throws {
        try await withNode { _, address in
            for message in [ClientMessage.ping, .pong, .hello(cluster: cluster.name, name: "x")] {
                let raw = try await RawClient(
                    to: address, in: cluster.name, greets: message != .ping && message != .pong)
                _ = raw.connection.send(message)
                guard case .reject(let sentence)? = try await raw.next() else {
                    Issue.record("\(message) was not refused")
                    continue
                }
                #expect(sentence.contains("does not come at this time"))
                #expect(try await raw.next() == nil)
            }
        }
    }

    @Test func whoDoesNotReadIsLeft() async throws {
        try await withNode { ledger, address in
            for _ in 0..<4 { try await ledger.note(String(repeating: "x", count: 12_000)) }
            let raw = try await RawClient(to: address, in: cluster.name)
            let lines = try #require(Ledger.schema.methods.first { $0.name == "lines()" }).number
            // Each answer has 48,000 bytes, and 4 MiB are kept.
            var isLeft = false
            while !isLeft {
                for number in 0..<100 as Range<UInt64> {
                    var call = CallArguments()
                    call.begin(lines, as: .askedQuery, question: number, baggage: nil)
                    let query = MemberCallBytes(
                        group: "ledger", view: 0, way: .local, patience: 10_000_000_000, payload: call.bytes)
                    isLeft = isLeft || !raw.connection.send(.request(number, .query(query)))
                }
                try await Task.sleep(for: .milliseconds(1))
            }
        }
    }

    @Test func moreRequestsThanTheyMayHaveAreRefused() async throws {
        let cluster = TestCluster(size: 2)
        let nodes = try await cluster.found()
        let address = ClientAddress(cluster: cluster.name, node: "a")
        _ = try await nodes[0].host("ledger") { Ledger(actorSystem: $0) }
        let raw = try await RawClient(to: address, in: cluster.name)
        let open = ClientRequest.open(
            "ledger", nonce: 1, timeout: 1_000_000_000, schema: try WireWriter.bytes(of: Ledger.schema))
        // The group waits for the other member, and so do they.
        for number in 0...ClientLimit.requestsMax { _ = raw.connection.send(.request(UInt64(number), open)) }
        var isRefused = false
        while !isRefused, let message = try await raw.next() {
            guard case .refusal(UInt64(ClientLimit.requestsMax), let code, _) = message else { continue }
            isRefused = code == LockstepError.Code.notExecuted.description
        }
        #expect(isRefused)
        // Others wait for nobody.
        let client = try await cluster.connect()
        await client.close()
        _ = try await nodes[1].host("ledger") { Ledger(actorSystem: $0) }
        await leave(nodes)
    }

    @Test func whoSaysNothingIsLeft() async throws {
        try await withNode { _, address in
            let silent = try await RawClient(to: address, in: cluster.name, greets: false)
            while try await silent.next() != nil {}
        }
    }
}

@Suite("Clients over TCP", .timeLimit(.minutes(2)))
struct ClientStreamTests {
    private let cluster = TestCluster(size: 3, seeds: NodeAddress.free(2))

    @Test func goOnWithAnotherMember() async throws {
        var cluster = cluster
        cluster.failureTimeout = .seconds(5)
        let nodes = try await cluster.found()
        let ledgers = try await hostLedger(on: nodes)
        let client = try await cluster.connect()
        let ledger = try await client.group(Ledger.self, "ledger", through: .roundRobin)
        for _ in 0..<50 { _ = try await ledger.deposit(1, to: "x") }
        await nodes[0].membership.leave(isAbrupt: true)
        for _ in 0..<50 { _ = try await ledger.deposit(1, to: "x") }
        #expect(try await ledger.balance(of: "x") == 100)
        #expect(try await ledgers[2].balance(of: "x") == 100)
        await client.close()
        await leave(nodes)
    }

    @Test func garbageAtThePortDisturbsNobody() async throws {
        let nodes = try await cluster.found()
        _ = try await hostLedger(on: nodes)
        let port = try #require(cluster.seeds.first)
        for length in [0, 1, 100, 60_000] {
            let stranger = try StreamEndpoint.connect(to: port, for: .clients)
            _ = stranger.send(Array(repeating: 0xFF, count: length + 1), numbers: [])
            while case .nothing = stranger.receive() { try await Task.sleep(for: .milliseconds(1)) }
        }
        let client = try await cluster.connect()
        #expect(try await client.group(Ledger.self, "ledger").deposit(1, to: "x") == 1)
        await client.close()
        await leave(nodes)
    }

    @Test func nearestIsTheMemberOfThisHost() async throws {
        var cluster = TestCluster(size: 2, seeds: NodeAddress.free(1))
        cluster.sharesMemory = true
        let nodes = try await cluster.found()
        _ = try await hostLedger(on: nodes)
        let client = try await cluster.connect()
        let ledger = try await client.group(Ledger.self, "ledger", through: .nearest)
        #expect(try await ledger.deposit(1, to: "x") == 1)
        await client.close()
        await leave(nodes)
    }

    #if TLS
        @Test func showCertificates() async throws {
            var cluster = TestCluster(size: 2, seeds: NodeAddress.free(1))
            let certificates = try TestCertificates(of: cluster.name)
            cluster.security = certificates.security
            let nodes = try await cluster.found()
            _ = try await hostLedger(on: nodes)
            let client = try await cluster.connect()
            #expect(try await client.group(Ledger.self, "ledger").deposit(1, to: "x") == 1)
            await client.close()
            await leave(nodes)
        }
    #endif
}
