import Logging
import Synchronization

/// How a node leaves its cluster: because it is told to, or because its poller is stuck.
final class Departure: Sendable {
    let membership: Membership
    let registry: GroupRegistry
    let logger: Logger
    private let watchdog = Mutex<Watchdog?>(nil)
    /// Answered when nobody need wait for the poller any more.
    private let end = PendingReply(onCancel: .waitsOn)

    init(_ membership: Membership, _ registry: GroupRegistry, _ logger: Logger) {
        self.membership = membership
        self.registry = registry
        self.logger = logger
    }

    /// Leaves when the poller is stuck for so long.
    func watch(limit: Duration) throws(LockstepError) {
        let watchdog = try Watchdog(registry.poller.progress, limit: limit) { [self] stuck in
            abandon(stuck, after: limit)
        }
        self.watchdog.withLock { $0 = watchdog }
    }

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
        watchdog.withLock { $0 }?.stop()
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
        Task { [membership] in await membership.leave() }
    }
}

extension GroupRegistry {
    /// What a poller is at, for people.
    fileprivate func name(of snapshot: PollerProgress.Snapshot) -> String {
        guard let shard = snapshot.shard else { return "a task that runs on it" }
        guard let channel = channel(ofShard: shard) else { return "a group that is not hosted yet" }
        guard snapshot.method != 0 else { return "the group \"\(channel.group)\"" }
        let method = channel.method(snapshot.method)?.name ?? ActorSchema.text(ofNumber: snapshot.method)
        return "the method \"\(method)\" of the group \"\(channel.group)\""
    }

    private func channel(ofShard shard: Int) -> CallChannel? { hosted.first { $0.shard == shard } }
}
