extension GroupRegistry {
    /// How long a thread may be at something else before it counts as busy.
    private static let patience = Duration.seconds(1)

    /// How this node stands.
    ///
    /// - Throws: ``LockstepError/Code/notMember`` after the node has left.
    func status(
        ofCluster cluster: String, _ changes: [ViewChangeReport], rdma: NodeStatus.RDMA?,
        link: (View.Member) -> (NodeStatus.Link, reason: String)?
    ) async throws -> NodeStatus {
        let pollers = try await pollerStatuses()
        let members = view.members.map { member in
            let link = link(member)
            return NodeStatus.Member(
                name: member.name, incarnation: member.incarnation, processID: member.processID, role: member.role,
                labels: member.labels, link: link?.0, linkReason: link?.reason
            )
        }
        return NodeStatus(
            cluster: cluster, view: view.number, rank: view.rank, members: members, changes: changes,
            pollers: pollers, rdma: rdma, groups: try await groupStatuses()
        )
    }

    private func pollerStatuses() async throws -> [NodeStatus.Poller] {
        var statuses: [NodeStatus.Poller] = []
        for poller in pollers.all {
            let mode = try await within(Self.patience) { try await self.on(poller) { $0.mode } }
            statuses.append(NodeStatus.Poller(mode: mode ?? .busy, numaNode: poller.home.numaNode))
        }
        return statuses
    }

    /// Asks all groups at once, since each may take its time.
    private func groupStatuses() async throws -> [NodeStatus.Group] {
        try await withThrowingTaskGroup(of: NodeStatus.Group.self) { tasks in
            for channel in hosted {
                tasks.addTask {
                    let status = try await within(Self.patience) { try await channel.status() }
                    return NodeStatus.Group(id: channel.group, schema: channel.schema, status: status)
                }
            }
            return try await tasks.reduce(into: []) { $0.append($1) }.sorted { $0.id.name < $1.id.name }
        }
    }
}

/// What something gives that may not come for long; nil if it has not after a time. It goes on all the same.
private func within<Value: Sendable>(
    _ time: Duration, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value? {
    let reply = PendingReply(onCancel: .ends)
    Task {
        do {
            reply.succeed(Optional(try await body()))
        } catch {
            reply.fail(error)
        }
    }
    let alarm = Task {
        try await Task.sleep(for: time)
        reply.succeed(Value?.none)
    }
    defer { alarm.cancel() }
    return try await reply.value()
}
