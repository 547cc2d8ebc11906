import Foundation
import Lockstep
import LockstepTesting
import Synchronization
import Testing

/// Remembers every message of a raw group.
struct Tape: RawReceiver {
    struct Entry: Hashable, Sendable {
        let message: RawMessage
        let bytes: [UInt8]
    }

    var entries: [Entry] = []

    mutating func receive(_ message: RawMessage, _ bytes: RawSpan) {
        entries.append(Entry(message: message, bytes: bytes.withUnsafeBytes { Array($0) }))
    }
}

extension RawGroup {
    /// Waits until it has begun here: it does not while a member is held up.
    func begins() async throws { while try await !status().isActive { await Task.yield() } }
}

extension RawGroup<Tape> {
    /// Posts these bytes.
    func post(_ bytes: [UInt8]) async throws {
        try await post(byteCount: bytes.count) { $0.write(bytes) }
    }

    /// Posts a number in so many bytes, at least four.
    func post(number: Int, byteCount: Int = 4) async throws {
        try await post(byteCount: byteCount) { $0.storeBytes(of: UInt32(number), as: UInt32.self) }
    }

    /// What this member has received so far.
    func entries() async throws -> [Tape.Entry] { try await read { $0.entries } }

    /// What it has received when these are at least so many.
    func entries(atLeast count: Int) async throws -> [Tape.Entry] {
        while try await read({ $0.entries.count }) < count { await Task.yield() }
        return try await entries()
    }

    /// The numbers it has received when these are at least so many.
    func numbers(atLeast count: Int = 0) async throws -> [Int] { try await entries(atLeast: count).map(\.number) }
}

extension Tape.Entry {
    /// The number in the first four bytes.
    var number: Int { bytes.withUnsafeBytes { Int($0.loadUnaligned(as: UInt32.self)) } }
}

extension MutableRawSpan {
    mutating func write(_ bytes: [UInt8]) {
        for (offset, byte) in bytes.enumerated() { storeBytes(of: byte, toByteOffset: offset, as: UInt8.self) }
    }
}

/// Hosts a tape on every node.
func hostTapes(
    _ group: GroupID = "tape", on nodes: [Node], order: RawOrder = .total,
    options: (Int) -> GroupOptions = { _ in GroupOptions() }
) async throws -> [RawGroup<Tape>] {
    var tapes: [RawGroup<Tape>] = []
    for (place, node) in nodes.enumerated() {
        tapes.append(try await node.hostRaw(group, order: order, options: options(place)) { Tape() })
    }
    return tapes
}

/// Runs a test on nodes that host a tape.
func withTapes(
    of count: Int = 3, ringBytes: Int = 1 << 16, order: RawOrder = .total,
    _ body: ([Node], [RawGroup<Tape>]) async throws -> Void
) async throws {
    let configure = { @Sendable (configuration: inout NodeConfiguration) in
        configuration.ringBytes = ringBytes
        // Some tests block a poller, for as long as the rest of them takes.
        configuration.stuckLimit = .seconds(300)
    }
    try await withCluster(of: count, configure: configure) { nodes in
        let tapes = try await hostTapes(on: nodes, order: order)
        for tape in tapes { try await tape.begins() }
        try await body(nodes, tapes)
    }
}

/// Runs something while a node's poller does nothing: it receives nothing, and releases nothing.
func whileBlocked<Result>(_ node: Node, _ body: () async throws -> Result) async throws -> Result {
    let gate = Gate()
    let blocking = Task { try await node.runOnPoller { _, _ in gate.hold() } }
    while !gate.isHeld { await Task.yield() }
    let result: Result
    do {
        result = try await body()
    } catch {
        gate.open()
        throw error
    }
    gate.open()
    try await blocking.value
    return result
}

/// Waits for the tasks that were started on a node's poller before.
func reachPoller(of node: Node) async { await Task(executorPreference: node.executor) {}.value }

/// A number that tasks raise.
final class Count: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .acquiring) }

    func raise() { count.add(1, ordering: .acquiringAndReleasing) }
}

/// Holds a thread until somebody opens it.
private final class Gate: Sendable {
    private let condition = NSCondition()
    private let held = Atomic(false)
    private let opened = Atomic(false)

    var isHeld: Bool { held.load(ordering: .acquiring) }

    func hold() {
        condition.lock()
        held.store(true, ordering: .releasing)
        while !opened.load(ordering: .relaxed) { condition.wait() }
        condition.unlock()
    }

    func open() {
        condition.lock()
        opened.store(true, ordering: .relaxed)
        condition.broadcast()
        condition.unlock()
    }
}
