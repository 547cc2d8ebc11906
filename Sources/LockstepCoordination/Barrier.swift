/// A place where a number of tasks wait for each other, again and again.
///
/// ```swift
/// let barrier = try coordination.barrier("step", parties: 3)
/// for step in steps {
///     try await perform(step)
///     try await barrier.wait()
/// }
/// ```
///
/// When the last one comes, all go on, and the next generation begins. Who is let go was let go at one point of the order:
/// all of a generation, or none.
public struct Barrier: Sendable {
    /// What becomes of those who wait when one of them dies, is cancelled or gives up.
    public enum Departure: Sendable, Hashable {
        /// They get ``CoordinationError/Code/broken``, and the next generation begins: for those who count on each other.
        case breaks
        /// They wait on, and its place is free for somebody else.
        case isForgotten
    }

    private let coordination: Coordination
    private let key: String
    private let parties: Int
    private let departure: Departure

    init(_ coordination: Coordination, _ name: String, _ parties: Int, _ departure: Departure) throws {
        guard parties > 0 else {
            throw CoordinationError(.invalid, "A barrier must have 1 party or more, and \"\(name)\" has \(parties).")
        }
        key = "barrier/\(name)"
        (self.coordination, self.parties, self.departure) = (coordination, parties, departure)
    }

    /// Waits until all have come, and returns the generation, which is the same for all of them and only grows.
    ///
    /// - Parameter timeout: For how long; nil for ever.
    /// - Throws: ``CoordinationError/Code/timedOut``, ``CoordinationError/Code/broken``,
    ///   ``CoordinationError/Code/differs`` if it is in use with another number; a `LockstepError`; or
    ///   `CancellationError`.
    @discardableResult
    public func wait(timeout: Duration? = nil) async throws -> UInt64 {
        let (coordinator, key) = (coordination.coordinator, key)
        return try await coordination.turn(at: key, within: timeout) { ticket in
            try await coordinator.arrive(key, parties: parties, breaks: departure == .breaks, ticket: ticket)
        } withdraw: { ticket in
            try await coordinator.depart(key, ticket: ticket)
        }.token
    }
}

extension Coordination {
    /// The barrier of a name, for a number of tasks on any members. All who use it name the same.
    ///
    /// - Throws: ``CoordinationError/Code/invalid`` for less than one party.
    public func barrier(_ name: String, parties: Int, departure: Barrier.Departure = .breaks) throws -> Barrier {
        try Barrier(self, name, parties, departure)
    }
}
