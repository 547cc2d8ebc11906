/// A piece of work that a number of tasks begin together and end together.
///
/// ```swift
/// try await coordination.doubleBarrier("import", parties: 3).run { try await importPart() }
/// ```
public struct DoubleBarrier: Sendable {
    private let coordination: Coordination
    private let key: String
    private let parties: Int

    init(_ coordination: Coordination, _ name: String, _ parties: Int) throws {
        guard parties > 0 else {
            throw CoordinationError(.invalid, "A barrier must have 1 party or more, and \"\(name)\" has \(parties).")
        }
        (self.coordination, key, self.parties) = (coordination, "doubleBarrier/\(name)", parties)
    }

    /// Waits until all have come, runs something, and waits until all are done with it.
    ///
    /// Who dies before all have come leaves its place to another; who dies later, throws or is cancelled is waited for no
    /// longer. The closure is cancelled as that of ``Lock/withLock(timeout:_:)``.
    ///
    /// - Parameter timeout: How long to wait for the others to come; nil for ever.
    /// - Throws: As ``Barrier/wait(timeout:)``, ``CoordinationError/Code/full`` if as many are inside already, and what the
    ///   closure throws.
    public func run<Value: Sendable>(
        timeout: Duration? = nil, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let (coordinator, key) = (coordination.coordinator, key)
        let quit: @Sendable (Ticket) async throws -> Void = { try await coordinator.quit(key, ticket: $0) }
        let (began, _) = try await coordination.turn(
            at: key, within: timeout,
            { try await coordinator.begin(key, parties: parties, ticket: $0) }, withdraw: quit)
        do {
            let value = try await coordination.scopes.run(began, of: key, body)
            _ = try await coordination.turn(
                at: key, within: nil, { try await coordinator.end(key, began: began, ticket: $0) }, withdraw: quit)
            return value
        } catch {
            await coordination.giveBack { try await quit(began) }
            throw error
        }
    }
}

extension Coordination {
    /// The double barrier of a name. All who use it name the same number of tasks.
    ///
    /// - Throws: ``CoordinationError/Code/invalid`` for less than one party.
    public func doubleBarrier(_ name: String, parties: Int) throws -> DoubleBarrier {
        try DoubleBarrier(self, name, parties)
    }
}
