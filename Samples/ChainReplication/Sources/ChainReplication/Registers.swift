import Distributed
import Lockstep

/// What can be written and read, whatever keeps it.
protocol Store: Sendable {
    var name: String { get }

    func write(_ value: Int, to key: String) async throws

    func read(_ key: String) async throws -> Int
}

/// The same data as a plain replicated actor: each write is one message in the order of the group.
@Replicated
distributed actor Registers {
    private var values: [String: Int] = [:]

    distributed func write(_ value: Int, to key: String) { values[key] = value }

    @Query
    distributed func read(_ key: String) -> Int { values[key, default: 0] }
}

struct RegistersMember: Store {
    let name = "multicast"
    private let registers: Registers.Handle

    init(on node: Node) async throws {
        registers = try await node.host("registers") { Registers(actorSystem: $0) }
    }

    func write(_ value: Int, to key: String) async throws { try await registers.write(value, to: key) }

    func read(_ key: String) async throws -> Int { try await registers.reading(.leased).read(key) }
}
