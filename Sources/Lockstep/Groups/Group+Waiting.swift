extension Group {
    /// Waits until a number of members have replicas of the group with its state.
    ///
    /// ```swift
    /// let inventory = try await node.host("inventory") { Inventory(actorSystem: $0) }
    /// try await inventory.group.wait(forMembers: 3)
    /// ```
    ///
    /// There may be fewer again when it returns. It may be cancelled.
    ///
    /// - Parameter timeout: For how long; by default as long as a call may take.
    /// - Throws: ``LockstepError/Code/timedOut``; ``LockstepError/Code/notMember`` or ``LockstepError/Code/excluded`` when
    ///   the node is out of the cluster; or `CancellationError`.
    public func wait(forMembers count: Int, timeout: Duration? = nil) async throws {
        let channel = try channel
        let timeout = timeout ?? channel.timeout
        let waiter = ReplicaWaiter(group: id, count: count)
        let failure = """
            The group "\(id)" did not have \(count) members within \(timeout). Host it on more nodes, or wait longer.
            """
        try await waiter.reply.value(as: Void.self, within: timeout, or: failure) {
            _ = try await channel.onPoller { loop, _ in loop.add(waiter) }
        }
    }
}

extension PendingReply {
    /// Begins to wait, and waits for the outcome, in all no longer than for a time.
    func value<Value: Sendable>(
        as type: Value.Type = Value.self, within timeout: Duration, or failure: String, _ begin: () async throws -> Void
    ) async throws -> Value {
        let alarm = Task {
            try await Task.sleep(for: timeout)
            fail(LockstepError(.timedOut, failure))
        }
        defer { alarm.cancel() }
        try await begin()
        return try await value()
    }
}

/// Somebody who waits until a group has enough replicas with its state.
struct ReplicaWaiter: Sendable {
    let group: GroupID
    let count: Int
    let reply = PendingReply(onCancel: .ends)
}
