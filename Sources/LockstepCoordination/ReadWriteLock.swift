/// A lock that many readers have at a time, or one writer.
///
/// They get it in the order in which they asked. So readers wait behind a writer that came before them, and no writer
/// waits for ever.
public struct ReadWriteLock: Sendable {
    /// More readers than this wait for each other.
    private static let readersMax = 1 << 30

    private let gate: SharedGate

    init(_ coordination: Coordination, _ name: String) {
        gate = SharedGate(coordination: coordination, key: "readWriteLock/\(name)", capacity: Self.readersMax)
    }

    /// Waits until nobody writes, and runs something meanwhile. See ``Lock/withLock(timeout:_:)``.
    public func withReadLock<Value: Sendable>(
        timeout: Duration? = nil, _ body: @escaping @Sendable (FencingToken) async throws -> Value
    ) async throws -> Value {
        try await gate.during(weight: 1, isExclusive: true, within: timeout, body)
    }

    /// Waits until nobody reads or writes, and runs something meanwhile. See ``Lock/withLock(timeout:_:)``.
    ///
    /// A task that reads cannot come to write: it ends reading first.
    public func withWriteLock<Value: Sendable>(
        timeout: Duration? = nil, _ body: @escaping @Sendable (FencingToken) async throws -> Value
    ) async throws -> Value {
        try await gate.during(weight: Self.readersMax, isExclusive: true, within: timeout, body)
    }
}

extension Coordination {
    /// The read-write lock of a name, which is the same on all members.
    public func readWriteLock(_ name: String) -> ReadWriteLock { ReadWriteLock(self, name) }
}
