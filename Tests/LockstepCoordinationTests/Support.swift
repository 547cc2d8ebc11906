import Lockstep
import LockstepTesting
import Synchronization
import Testing

@testable import LockstepCoordination

/// Runs a test on nodes that share by name.
func withCoordinations(
    of count: Int, _ options: Coordination.Options = Coordination.Options(),
    _ body: ([Coordination], [Node]) async throws -> Void
) async throws {
    try await withCluster(of: count) { nodes in
        try await body(try await coordinations(of: nodes, options), nodes)
    }
}

/// What these nodes share, all of them at once, since each waits for the others.
func coordinations(
    of nodes: [Node], _ options: Coordination.Options = Coordination.Options()
) async throws -> [Coordination] {
    try await withThrowingTaskGroup(of: (Int, Coordination).self) { group in
        for (place, node) in nodes.enumerated() {
            group.addTask { (place, try await node.coordination(options)) }
        }
        var found: [Int: Coordination] = [:]
        for try await (place, coordination) in group { found[place] = coordination }
        return found.sorted { $0.key < $1.key }.map(\.value)
    }
}

/// The code of the error that something throws.
func code(of body: () async throws -> Void) async -> CoordinationError.Code? {
    do {
        try await body()
        return nil
    } catch let error as CoordinationError {
        #expect(error.message.count > 20)
        return error.code
    } catch {
        Issue.record("not a CoordinationError: \(error)")
        return nil
    }
}

/// Waits until so many wait at a gate.
func waiters(at key: String, _ coordination: Coordination, are count: Int) async throws {
    try await coordination.coordinator.group.wait { $0.standing(at: key).waiting == count }
}

/// Waits until so many hold a gate.
func holders(of key: String, _ coordination: Coordination, are count: Int) async throws {
    try await coordination.coordinator.group.wait { $0.standing(at: key).holders == count }
}

/// Waits until nobody holds or waits for anything, and expects the same state everywhere.
func nothingIsLeft(_ coordinations: [Coordination]) async throws {
    var hashes: Set<UInt64> = []
    for coordination in coordinations {
        try await coordination.coordinator.group.wait { $0.isIdle() }
        hashes.insert(try await coordination.coordinator.group.status().stateHash)
    }
    #expect(hashes.count == 1)
}

/// A value that several tasks change.
final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }

    func withLock<Result: Sendable>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        try value.withLock { value in try body(&value) }
    }
}
