import Glibc
import Lockstep
import Testing

extension ProcessTests {
    /// A client whose member is another process, which is killed or stopped in the middle of its calls.
    @Suite("The member of a client")
    struct ClientProcessTests {
        @Test func isKilled() async throws {
            async let end: Void = expectToBeKilled()
            try await callUntil(in: "client-killed-\(getpid())") { #expect(kill($0, SIGKILL) == 0) }
            await end
        }

        @Test func isStopped() async throws {
            async let end: Void = expectToBeStopped()
            var stopped: Int32 = 0
            try await callUntil(in: "client-stopped-\(getpid())") { process in
                stopped = process
                #expect(kill(process, SIGSTOP) == 0)
            }
            #expect(kill(stopped, SIGKILL) == 0)
            await end
        }

        private func expectToBeKilled() async {
            await #expect(processExitsWith: .signal(SIGKILL)) { try await live(in: "client-killed-\(getppid())") }
        }

        private func expectToBeStopped() async {
            await #expect(processExitsWith: .signal(SIGKILL)) { try await live(in: "client-stopped-\(getppid())") }
        }

        /// Calls through the child until a third of the calls is through, does something to it, and goes on: every call is
        /// answered, and has run once.
        private func callUntil(in cluster: String, _ strike: (Int32) -> Void) async throws {
            async let a = Node.join(configuration(cluster, "a"))
            async let b = Node.join(configuration(cluster, "b"))
            let nodes = try await [a, b]
            let ledgers = try await hostLedger(on: nodes)
            var configuration = ClientConfiguration(cluster: cluster)
            configuration.failureTimeout = .seconds(1)
            let client = try await Client.connect(configuration)
            let ledger = try await client.group(Ledger.self, "ledger", through: .roundRobin)
            let child = try #require(client.members.first { $0.name == "c" })
            async let calls: Void = withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask { for _ in 0..<150 { _ = try await ledger.deposit(1, to: "x") } }
                }
                try await group.waitForAll()
            }
            while try await ledgers[0].balance(of: "x") < 400 { await Task.yield() }
            strike(child.processID)
            try await calls
            for ledger in ledgers { #expect(try await ledger.balance(of: "x") == 1200) }
            #expect(try await ledger.deposit(1, to: "x") == 1201)
            await client.close()
            await leave(nodes)
        }
    }
}

/// The other process, until it is killed.
private func live(in cluster: String) async throws {
    let node = try await Node.join(configuration(cluster, "c"))
    _ = try await node.host("ledger") { Ledger(actorSystem: $0) }
    try await Task.sleep(for: .seconds(100))
}

private func configuration(_ cluster: String, _ name: String) -> NodeConfiguration {
    var configuration = NodeConfiguration(cluster: cluster, name: name, expecting: 3)
    configuration.failureTimeout = .seconds(2)
    return configuration
}
