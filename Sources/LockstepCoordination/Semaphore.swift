/// Room for so much at a time, all members together.
///
/// ```swift
/// try await coordination.semaphore("uploads", permits: 8).withPermits(2) { try await upload(large) }
/// ```
///
/// Tasks get permits in the order in which they asked: who wants one waits behind who wants many and came before.
public struct Semaphore: Sendable {
    private let gate: SharedGate

    init(_ coordination: Coordination, _ name: String, permits: Int) throws {
        guard permits > 0 else {
            throw CoordinationError(.invalid, "A semaphore must have 1 permit or more, and \"\(name)\" has \(permits).")
        }
        gate = SharedGate(coordination: coordination, key: "semaphore/\(name)", capacity: permits)
    }

    /// Waits for permits and runs something that needs them. See ``Lock/withLock(timeout:_:)``.
    ///
    /// - Throws: Also ``CoordinationError/Code/differs`` if the semaphore is in use with another number of permits.
    public func withPermits<Value: Sendable>(
        _ count: Int = 1, timeout: Duration? = nil, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try check(count)
        return try await gate.during(weight: count, isExclusive: false, within: timeout) { _ in try await body() }
    }

    /// Waits for permits, which are kept until they are released.
    public func acquire(_ count: Int = 1, timeout: Duration? = nil) async throws -> Hold {
        try check(count)
        return try await gate.enter(weight: count, within: timeout)
    }

    private func check(_ count: Int) throws {
        guard (1...gate.capacity).contains(count) else {
            throw CoordinationError(
                .invalid, "Of \"\(gate.key)\", 1 to \(gate.capacity) permits may be asked for, and not \(count)."
            )
        }
    }
}

extension Coordination {
    /// The semaphore of a name. All who use it at a time name the same number of permits.
    ///
    /// - Throws: ``CoordinationError/Code/invalid`` for less than one permit.
    public func semaphore(_ name: String, permits: Int) throws -> Semaphore {
        try Semaphore(self, name, permits: permits)
    }
}
