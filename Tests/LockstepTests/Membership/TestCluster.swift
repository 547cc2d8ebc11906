import Lockstep
import Testing

/// Nodes of one cluster that come and go, all in this process.
struct TestCluster: Sendable {
    let name = "test-\(UInt64.random(in: .min ... .max))"
    /// The size of the first view.
    let size: Int
    /// Where the first nodes listen, in the order of their letters; empty if all nodes share memory.
    var seeds: [NodeAddress] = []
    /// True if nodes of this host share memory all the same.
    var sharesMemory = false
    /// What protects connections if they do not share memory.
    var security: @Sendable (_ node: String) -> FabricChoice.Security = { _ in .plaintext }
    /// Nil: whoever is starved by other tests must not look dead. Among those who share memory the kernel knows who is.
    var failureTimeout: Duration?
    var callTimeout = Duration.seconds(30)
    /// How many pollers a node has.
    var pollers: @Sendable (_ node: String) -> PollerPlan = { _ in .automatic }
    /// What all nodes log.
    let log = LogLines()

    func join(_ node: String) async throws -> Node {
        var configuration = NodeConfiguration(cluster: name, name: node, expecting: size)
        configuration.failureTimeout = failureTimeout ?? .seconds(seeds.isEmpty || sharesMemory ? 2 : 30)
        configuration.callTimeout = callTimeout
        configuration.pollers = pollers(node)
        if !seeds.isEmpty {
            configuration.fabric = sharesMemory ? .auto(security(node)) : .tcp(security(node))
            configuration.seeds = seeds
            let seed = zip("abcdefgh", seeds).first { String($0.0) == node }?.1
            configuration.listen = seed ?? NodeAddress("127.0.0.1", port: 0)
        }
        return try await Node.join(configuration, logger: log.logger)
    }

    /// The nodes of the first view, named by letters.
    func found() async throws -> [Node] {
        try await withThrowingTaskGroup(of: Node.self) { group in
            for letter in "abcdefgh".prefix(size) { group.addTask { try await join(String(letter)) } }
            var nodes: [Node] = []
            for try await node in group { nodes.append(node) }
            return nodes.sorted { $0.membership.view.rank < $1.membership.view.rank }
        }
    }
}

// What every cluster of three does, whatever moves its bytes.
extension TestCluster {
    /// All members send updates at once, and every one has run all of them.
    func runUpdatesOfAll() async throws {
        let nodes = try await found()
        let ledgers = try await hostLedger(on: nodes)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for ledger in ledgers {
                group.addTask { for _ in 0..<200 { _ = try await ledger.deposit(1, to: "x") } }
            }
            try await group.waitForAll()
        }
        for ledger in ledgers { #expect(try await ledger.balance(of: "x") == 600) }
        await leave(nodes)
    }

    /// Messages that fill the ring more than once arrive whole.
    func fillTheRing() async throws {
        let nodes = try await found()
        let ledgers = try await hostLedger(on: nodes)
        let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0) }
        for ledger in ledgers {
            for _ in 0..<10 { #expect(try await ledger.store(bytes) == bytes.count) }
        }
        await leave(nodes)
    }
}

extension NodeAddress {
    /// Addresses of this host that nobody else has: connections that go out take ports of 127.0.0.1.
    static func free(_ count: Int) -> [NodeAddress] {
        let host = "127" + (0..<3).map { _ in ".\(Int.random(in: 1...254))" }.joined()
        return (0..<count).map { NodeAddress(host, port: 7400 + $0) }
    }
}

extension Node {
    /// Waits for a view of which something is true.
    func view(where isWanted: (View) -> Bool) async throws -> View {
        for await view in views where isWanted(view) { return view }
        throw CancellationError()
    }

    /// The names of a view's members.
    func names(in view: View) -> [String] { view.members.map(\.name) }
}

/// Leaves with all the nodes, at once.
func leave(_ nodes: [Node]) async {
    await withTaskGroup(of: Void.self) { group in
        for node in nodes { group.addTask { await node.leave() } }
    }
}

/// Hosts the ledger on nodes, at once.
func hostLedger(on nodes: [Node]) async throws -> [Ledger.Handle] {
    try await withThrowingTaskGroup(of: (Int, Ledger.Handle).self) { group in
        for (place, node) in nodes.enumerated() {
            group.addTask { (place, try await node.host("ledger") { Ledger(actorSystem: $0) }) }
        }
        var handles: [(Int, Ledger.Handle)] = []
        for try await handle in group { handles.append(handle) }
        return handles.sorted { $0.0 < $1.0 }.map(\.1)
    }
}
