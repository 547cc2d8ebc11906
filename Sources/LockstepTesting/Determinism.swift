import Lockstep

/// What ``checkDeterminism(of:_:)`` has found.
public struct DeterminismError: Error, CustomStringConvertible {
    /// What differs, and since when.
    public let description: String
}

/// Finds out whether an actor does the same on every replica, also on one that was restored from a snapshot.
///
/// A history of calls runs in a group of two. One replica stays the instance that it was; the other is made anew from a
/// snapshot after every third update or so. Their states are compared after every update.
///
/// ```swift
/// @Test func inventoryIsDeterministic() async throws {
///     try await checkDeterminism(of: { Inventory(actorSystem: $0) }) { inventory in
///         for size in 1...100 { _ = try await inventory.receive(size, of: "bolt \(size % 7)") }
///     }
/// }
/// ```
///
/// - Parameters:
///   - make: Makes an instance.
///   - history: Calls the group.
/// - Throws: ``DeterminismError`` if the replicas differ, and what `history` throws.
public func checkDeterminism<Replica: ReplicatedActor>(
    of make: @escaping @Sendable (LockstepSystem) throws -> Replica,
    _ history: (Replica.Handle) async throws -> Void
) async throws {
    try await withCluster(of: 2) { nodes in
        var options = GroupOptions()
        options.auditInterval = 1
        options.auditsAll = true
        let steady = try await host(on: nodes[0], options, make)
        options.restoresOneIn = 3
        let restored = try await host(on: nodes[1], options, make)
        try await history(steady)
        try await compare(steady.group, restored.group)
    }
}

/// Effects outside count as done at once: what matters here is the state.
private func host<Replica: ReplicatedActor>(
    on node: Node, _ options: GroupOptions, _ make: @escaping @Sendable (LockstepSystem) throws -> Replica
) async throws -> Replica.Handle {
    try await node.host("determinism", options: options, performing: { _, _ in }, make)
}

private func compare<Replica: ReplicatedActor>(_ steady: Group<Replica>, _ restored: Group<Replica>) async throws {
    var (expected, status) = (try await steady.status(), try await restored.status())
    // Timers and effects may go on meanwhile.
    while status.updates != expected.updates {
        await Task.yield()
        (expected, status) = (try await steady.status(), try await restored.status())
    }
    if let failure = try await restored.restoringFailure() {
        throw DeterminismError(description: "The replica cannot be restored from a snapshot: \(failure)")
    }
    // The reports of the last updates may still be on their way, but the hashes are here.
    if let divergence = expected.divergence ?? status.divergence {
        throw DeterminismError(description: "Two replicas did not do the same: \(divergence).")
    }
    guard status.stateHash == expected.stateHash else {
        throw DeterminismError(
            description: "Two replicas differ after \(status.updates) updates, and did not before the last of them."
        )
    }
}
