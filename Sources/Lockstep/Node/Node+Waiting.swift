extension Node {
    /// Waits until the cluster has a number of members, and returns the view in which it has.
    ///
    /// ```swift
    /// let view = try await node.wait(forMembers: 3)
    /// ```
    ///
    /// There may be fewer again when it returns. It may be cancelled. For the members of one group see
    /// ``Group/wait(forMembers:timeout:)``.
    ///
    /// - Parameter timeout: For how long.
    /// - Throws: ``LockstepError/Code/timedOut``; ``LockstepError/Code/notMember`` or ``LockstepError/Code/excluded`` when
    ///   the node is out of the cluster; or `CancellationError`.
    @discardableResult
    public func wait(forMembers count: Int, timeout: Duration = .seconds(30)) async throws -> View {
        try await withThrowingTaskGroup(of: View.self) { [membership] tasks in
            tasks.addTask {
                for await view in membership.views where view.members.count >= count { return view }
                try Task.checkCancellation()
                throw membership.ending
            }
            tasks.addTask {
                try await Task.sleep(for: timeout)
                throw LockstepError(
                    .timedOut,
                    """
                    The cluster did not have \(count) members within \(timeout). Start more nodes, or wait longer.
                    """
                )
            }
            defer { tasks.cancelAll() }
            guard let view = try await tasks.next() else { preconditionFailure("one of the two tasks must end first") }
            return view
        }
    }
}
