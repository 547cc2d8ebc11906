import Lockstep
import Logging

/// Runs a test on a cluster of nodes in this process, and leaves it afterwards, also when the test throws.
///
/// ```swift
/// try await withCluster(of: 3) { nodes in
///     let handles = try await hostEverywhere("inventory", on: nodes) { Inventory(actorSystem: $0) }
///     _ = try await handles[0].receive(5, of: "bolt")
///     #expect(try await handles[1].quantity(of: "bolt") == 5)
/// }
/// ```
///
/// - Parameters:
///   - count: How many nodes; their names are `a`, `b` and so on, which is their rank order too.
///   - logger: Gets what the nodes log.
///   - configure: Changes a node's configuration before it joins.
///   - body: The test; the nodes come in rank order.
public func withCluster<Result: Sendable>(
    of count: Int,
    logger: Logger = Logger(label: "lockstep", factory: { _ in SwiftLogNoOpLogHandler() }),
    configure: @Sendable (inout NodeConfiguration) -> Void = { _ in },
    _ body: ([Node]) async throws -> Result
) async throws -> Result {
    let cluster = "test-\(UInt64.random(in: .min ... .max))"
    // A test should not need a home, nor leave a key there.
    let key = ClusterKey.secret((0..<32).map { _ in .random(in: .min ... .max) })
    let configurations = (0..<count).map { place in
        var configuration = NodeConfiguration(cluster: cluster, name: nodeName(place), expecting: count)
        // Many nodes share this process and its cores; one that is starved must not look like one that is dead.
        configuration.failureTimeout = .seconds(2)
        configuration.key = key
        configure(&configuration)
        return configuration
    }
    let nodes = try await join(configurations, logger)
    do {
        let result = try await body(nodes)
        for node in nodes { await node.leave() }
        return result
    } catch {
        for node in nodes { await node.leave() }
        throw error
    }
}

/// All the nodes, or none: if one cannot join, those that have joined leave.
private func join(_ configurations: [NodeConfiguration], _ logger: Logger) async throws -> [Node] {
    let outcomes: [Result<Node, any Error>] = try await concurrentMap(configurations) { configuration in
        do {
            return .success(try await Node.join(configuration, logger: logger))
        } catch {
            return .failure(error)
        }
    }
    do {
        return try outcomes.map { try $0.get() }
    } catch {
        for case .success(let node) in outcomes { await node.leave() }
        throw error
    }
}

/// Hosts a group on all the nodes of a cluster: their handles, in the order of the nodes.
///
/// - Parameters:
///   - perform: Does the effects that updates leave to be done outside; without it they are done at once.
public func hostEverywhere<Replica: ReplicatedActor>(
    _ group: GroupID, on nodes: [Node], options: GroupOptions = GroupOptions(),
    performing perform: @escaping @Sendable (Replica.Effect, EffectID) async throws -> Void = { _, _ in },
    _ make: @escaping @Sendable (LockstepSystem) throws -> Replica
) async throws -> [Replica.Handle] {
    try await concurrentMap(nodes) { try await $0.host(group, options: options, performing: perform, make) }
}

/// The results in the order of the values, computed at once.
private func concurrentMap<Value: Sendable, Result: Sendable>(
    _ values: [Value], _ transform: @escaping @Sendable (Value) async throws -> Result
) async throws -> [Result] {
    try await withThrowingTaskGroup(of: (Int, Result).self) { group in
        for (place, value) in values.enumerated() {
            group.addTask { (place, try await transform(value)) }
        }
        var results: [Int: Result] = [:]
        for try await (place, result) in group { results[place] = result }
        return results.sorted { $0.key < $1.key }.map(\.value)
    }
}

/// `a` to `z`, then `za` and so on: names whose order is that of the places.
private func nodeName(_ place: Int) -> String {
    let letters = Array("abcdefghijklmnopqrstuvwxyz")
    return String(repeating: "z", count: place / 25) + String(letters[place % 25])
}
