import Synchronization

/// What libraries keep with a node: one value of each type.
final class Companions: Sendable {
    private let values = Mutex<[ObjectIdentifier: Task<any Sendable, any Error>]>([:])

    /// The value of a type, made if there is none. If that fails, the next one who asks tries again.
    func value<Value: Sendable>(_ make: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let type = ObjectIdentifier(Value.self)
        let task = values.withLock { values in
            let task = values[type] ?? Task { try await make() }
            values[type] = task
            return task
        }
        do {
            guard let value = try await task.value as? Value else { preconditionFailure("a value must be of its type") }
            return value
        } catch {
            values.withLock { if $0[type] == task { $0[type] = nil } }
            throw error
        }
    }

    /// Lets go of all values.
    func removeAll() { values.withLock { $0 = [:] } }
}
