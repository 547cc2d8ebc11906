/// Something with room for few, as this node comes to it.
struct SharedGate: Sendable {
    /// What tasks of this node hold, as far as they and their children must not ask again.
    @TaskLocal private static var held: [Key] = []

    private struct Key: Sendable, Hashable {
        let coordination: ObjectIdentifier
        let name: String
    }

    let coordination: Coordination
    let key: String
    let capacity: Int

    private var identity: Key { Key(coordination: ObjectIdentifier(coordination), name: key) }

    /// Waits for a turn.
    func enter(weight: Int, label: String? = nil, within timeout: Duration?) async throws -> Hold {
        let (coordinator, key) = (coordination.coordinator, key)
        let (ticket, token) = try await coordination.turn(at: key, within: timeout) { ticket in
            try await coordinator.enter(key, capacity: capacity, weight: weight, label: label, ticket: ticket)
        } withdraw: { ticket in
            try await coordinator.leave(key, ticket: ticket)
        }
        return Hold(self, ticket, token: token)
    }

    func leave(_ ticket: Ticket) async {
        let (coordinator, key) = (coordination.coordinator, key)
        await coordination.giveBack { try await coordinator.leave(key, ticket: ticket) }
    }

    /// Waits for a turn, and runs something during it.
    ///
    /// - Parameter isExclusive: True if a task that has a turn must not ask for another.
    func during<Value: Sendable>(
        weight: Int, label: String? = nil, isExclusive: Bool, within timeout: Duration?,
        _ body: @escaping @Sendable (FencingToken) async throws -> Value
    ) async throws -> Value {
        let identity = identity
        if isExclusive, Self.held.contains(identity) { throw CoordinationError.reentrant(key) }
        let hold = try await enter(weight: weight, label: label, within: timeout)
        let outcome: Result<Value, any Error>
        do {
            let value = try await Self.$held.withValue(Self.held + [identity]) {
                try await coordination.scopes.run(hold.ticket, of: key) { try await body(hold.token) }
            }
            outcome = .success(value)
        } catch {
            outcome = .failure(error)
        }
        await hold.release()
        return try outcome.get()
    }
}
