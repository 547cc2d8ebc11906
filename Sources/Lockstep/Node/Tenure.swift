import Logging
import Synchronization

/// What belongs to a node as long as it is a member, and how it leaves: because it is told to, or because its poller is
/// stuck.
final class Tenure: Sendable {
    let membership: Membership
    let registry: GroupRegistry
    let logger: Logger
    private let cluster: String
    private let attendants = Mutex(Attendants())
    /// Answered when nobody need wait for the poller any more.
    private let end = PendingReply(onCancel: .waitsOn)

    /// Those with threads of their own.
    private struct Attendants {
        var watchdog: Watchdog?
        var statusServer: StatusServer?

        func stop() {
            watchdog?.stop()
            statusServer?.stop()
        }
    }

    init(_ membership: Membership, _ registry: GroupRegistry, cluster: String, _ logger: Logger) {
        self.membership = membership
        self.registry = registry
        self.cluster = cluster
        self.logger = logger
    }

    /// Watches the poller, and tells others on this host how the node stands.
    func begin(stuckLimit: Duration) throws(LockstepError) {
        let watchdog = try Watchdog(registry.poller.progress, limit: stuckLimit) { [self] stuck in
            abandon(stuck, after: stuckLimit)
        }
        attendants.withLock { $0.watchdog = watchdog }
        do {
            let server = try StatusServer(cluster: cluster, node: registry.view.me.name) { [self] in
                try await status()
            }
            attendants.withLock { $0.statusServer = server }
        } catch {
            logger.warning("`lockstep status` cannot ask this node", metadata: ["reason": "\(error)"])
        }
    }

    /// How the node stands.
    func status() async throws -> NodeStatus { try await registry.status(ofCluster: cluster, membership.changes) }

    /// Leaves, and waits until the poller has ended every shard. Nothing happens the second time.
    func leave() async {
        await membership.leave()
        let isRunning = registry.poller.run { [end] loop in
            loop.stop(because: CallChannel.hasLeft)
            end.succeed(())
        }
        if !isRunning { end.succeed(()) }
        try? await end.value(as: Void.self)
        registry.leave(because: CallChannel.hasLeft)
        attendants.withLock { $0 }.stop()
    }

    /// Leaves without the poller, which may never come back.
    private func abandon(_ stuck: PollerProgress.Snapshot, after limit: Duration) {
        let work = registry.name(of: stuck)
        logger.critical("this node leaves: its thread is stuck", metadata: ["in": "\(work)", "for": "\(limit)"])
        let error = LockstepError(
            .notMember,
            """
            This node has left its cluster, because for \(limit) its thread was stuck in \(work). Let that do less \
            at once, or run the group in a lane, and start the node anew.
            """
        )
        for channel in registry.leave(because: error) { channel.queue.abandon(because: error) }
        registry.catalogueQueue.abandon(because: error)
        registry.poller.run { $0.stop(because: error) }
        end.succeed(())
        attendants.withLock { $0 }.stop()
        Task { [membership] in await membership.leave(isAbrupt: true) }
    }
}

extension GroupRegistry {
    /// What a poller is at, for people.
    fileprivate func name(of snapshot: PollerProgress.Snapshot) -> String {
        guard let shard = snapshot.shard else { return "a task that runs on it" }
        guard let channel = hosted.first(where: { $0.shard == shard }) else { return "a group that is not hosted yet" }
        guard snapshot.method != 0 else { return "the group \"\(channel.group)\"" }
        let method = channel.method(snapshot.method)?.name ?? ActorSchema.text(ofNumber: snapshot.method)
        return "the method \"\(method)\" of the group \"\(channel.group)\""
    }
}
