extension Group {
    /// Waits until something is true of this node's replica.
    ///
    /// ```swift
    /// try await inventory.group.wait { $0.quantity(of: "bolt") >= 5 }
    /// ```
    ///
    /// The condition has the queries of the actor. It is looked at now, as a query with the consistency of the handle, and
    /// then after each update and each change of views that the actor hears of, on the thread of the replica: it must be
    /// quick. When this returns, the state may be another again.
    ///
    /// - Parameters:
    ///   - timeout: For how long; by default as long as a call may take.
    ///   - condition: What has to be true. It must not keep the queries.
    /// - Throws: What the condition throws; ``LockstepError/Code/timedOut``; ``LockstepError/Code/notExecuted`` if it could
    ///   not be looked at before the deadline; ``LockstepError/Code/notMember`` or ``LockstepError/Code/excluded`` when
    ///   the node is out of the cluster; or `CancellationError`.
    public func wait(
        timeout: Duration? = nil, until condition: @escaping @Sendable (Replica.Queries) throws -> Bool
    ) async throws {
        try await wait(timeout: timeout) { try condition($0) ? () : nil }
    }

    /// Waits until the queries of this node's replica give a value, and returns it.
    ///
    /// ```swift
    /// let seat = try await flight.group.wait { $0.firstFreeSeat() }
    /// ```
    ///
    /// It is as ``wait(timeout:until:)``, but for the value.
    public func wait<Value: Sendable>(
        timeout: Duration? = nil, for value: @escaping @Sendable (Replica.Queries) throws -> Value?
    ) async throws -> Value {
        let channel = try channel
        let timeout = timeout ?? channel.timeout
        let waiter = StateWaiter(Replica.self, value)
        defer {
            waiter.reply.fail(CancellationError())
            channel.queue.waiters.forgetAnswered()
        }
        return try await waiter.reply.value(
            within: timeout, or: "The group \"\(id)\" did not come to the state that was waited for within \(timeout)."
        ) {
            try await channel.look(waiter, consistency, deadline: timeout.deadline)
        }
    }
}
