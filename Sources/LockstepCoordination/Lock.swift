/// A lock that one task of the cluster has at a time.
///
/// ```swift
/// try await node.lock("runway-3").withLock { token in
///     try await storage.write(plan, token: token)
/// }
/// ```
///
/// Tasks get it in the order in which they asked, whatever their members. It is free again when the closure ends, when its
/// member leaves or dies, and when that has been cut off for a while (``Coordination/Options/grace``); that of a client when
/// the client closes, or its session ends.
public struct Lock: Sendable {
    private let gate: SharedGate

    init(_ coordination: Coordination, _ name: String) {
        gate = SharedGate(coordination: coordination, key: "lock/\(name)", capacity: 1)
    }

    /// Waits for the lock and runs something under it.
    ///
    /// The closure runs as a task of its own, which begins at once. It is cancelled with the caller, and when the lock may
    /// be somebody else's; it should end soon then.
    ///
    /// - Parameters:
    ///   - timeout: How long to wait for the turn; nil for ever. The update that asks has the node's `callTimeout` besides.
    ///   - body: Is given the token of this turn.
    /// - Throws: ``CoordinationError``: ``CoordinationError/Code/timedOut``, ``CoordinationError/Code/reentrant``, or
    ///   ``CoordinationError/Code/lost`` if it was cancelled because of that; a `LockstepError`; `CancellationError`; or
    ///   what the closure throws.
    public func withLock<Value: Sendable>(
        timeout: Duration? = nil, _ body: @escaping @Sendable (FencingToken) async throws -> Value
    ) async throws -> Value {
        try await gate.during(weight: 1, isExclusive: true, within: timeout, body)
    }

    /// Waits for the lock, which is kept until it is released.
    ///
    /// - Throws: As ``withLock(timeout:_:)``.
    public func acquire(timeout: Duration? = nil) async throws -> Hold {
        try await gate.enter(weight: 1, within: timeout)
    }
}

extension Coordination {
    /// The lock of a name, which is the same on all members.
    public func lock(_ name: String) -> Lock { Lock(self, name) }
}
