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

/// Expects that tasks which want one lock so often each have it one at a time, with tokens that grow.
func expectTurns(of tasks: [Coordination], each count: Int) async throws {
    let turns = Shared<(inside: Int, tokens: [FencingToken])>((0, []))
    try await withThrowingTaskGroup(of: Void.self) { group in
        for coordination in tasks {
            group.addTask {
                for _ in 0..<count {
                    try await coordination.lock("x").withLock { token in
                        turns.withLock {
                            $0.inside += 1
                            #expect($0.inside == 1)
                            $0.tokens.append(token)
                        }
                        await Task.yield()
                        turns.withLock { $0.inside -= 1 }
                    }
                }
            }
        }
        try await group.waitForAll()
    }
    let tokens = turns.withLock { $0.tokens }
    #expect(tokens.count == tasks.count * count)
    #expect(zip(tokens, tokens.dropFirst()).allSatisfy { $0 < $1 })
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
