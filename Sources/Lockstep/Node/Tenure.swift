import LockstepFabric
import LockstepProtocol
import Logging
import Synchronization

/// One incarnation of a node: what belongs to it as long as it is a member, and how it leaves, because it is told to or
/// because its poller is stuck.
final class Tenure: Sendable {
    let membership: Membership
    let registry: GroupRegistry
    let logger: Logger
    private let cluster: String
    private let watchdogs = Mutex<[Watchdog]>([])
    private let clientServer = Mutex<ClientServer?>(nil)
    /// Why the node has left without the poller.
    private let abandonment = Mutex<LockstepError?>(nil)
    /// Answered when this node may leave.
    private let permission = PendingReply(onCancel: .waitsOn)
    /// Answered when nobody need wait for the poller any more.
    private let end = PendingReply(onCancel: .waitsOn)

    private init(_ membership: Membership, _ registry: GroupRegistry, cluster: String, _ logger: Logger) {
        self.membership = membership
        self.registry = registry
        self.cluster = cluster
        self.logger = logger
    }

    /// Joins the cluster, with everything new.
    ///
    /// - Parameter feed: Where the views go on if this is not the node's first incarnation.
    static func join(_ configuration: NodeConfiguration, feed: ViewFeed? = nil, logger: Logger) async throws -> Tenure {
        let deadline = configuration.joinTimeout.deadline
        while true {
            do {
                return try await joinOnce(configuration, feed, deadline: deadline, logger)
            } catch is Candidacy.TryAgain {
                logger.debug("joining again")
            }
        }
    }

    private static func joinOnce(
        _ configuration: NodeConfiguration, _ feed: ViewFeed?, deadline: Int64, _ logger: Logger
    ) async throws -> Tenure {
        let homes = try configuration.pollers.homes(near: configuration.deviceNUMANode)
        let (region, layout) = try makeRegion(configuration, homes)
        let pollers = Pollers(region, homes: homes)
        let catalogueQueue = SendQueue(
            group: Catalogue.group, shard: Catalogue.shard, ringSize: Catalogue.ringSize, poller: pollers.first,
            region: region
        )
        let calls = MemberCalls(pollers: pollers)
        let parts = Membership.Parts(
            region: region, layout: layout, pollers: pollers, catalogueQueue: catalogueQueue, calls: calls, feed: feed,
            comesBack: configuration.rejoin == .automatically
        )
        let membership = try await Membership.join(configuration, parts, deadline: deadline, logger: logger)
        let registry = GroupRegistry(
            pollers: pollers, region: region, catalogueQueue: catalogueQueue, calls: calls, view: { membership.view },
            configuration: configuration
        )
        let tenure = Tenure(membership, registry, cluster: configuration.cluster, logger)
        do {
            try tenure.watch(stuckLimit: configuration.stuckLimit)
        } catch {
            await tenure.leave(because: error)
            throw error
        }
        tenure.serveClients(configuration)
        return tenure
    }

    private static func makeRegion(
        _ configuration: NodeConfiguration, _ homes: [PollerHome]
    ) throws(LockstepError) -> (SharedMemoryRegion, MembershipLayout) {
        do {
            try NodeFabric.checkKernel()
            let region = try SharedMemoryRegion(
                name: "lockstep-\(configuration.cluster)-\(configuration.name)", size: configuration.regionBytes,
                pollers: homes.count
            )
            // The catalogue's part comes first in every region, so that all members know where it is.
            let place = try ShardPlace.allocate(in: region, ringSize: Catalogue.ringSize)
            precondition(place == .catalogue, "the first allocations of every region must be the catalogue's")
            // And then the membership's.
            let row = try region.allocate(MembershipLayout(start: 0).size)
            return (region, MembershipLayout(start: row))
        } catch {
            throw LockstepError(.unsupportedHost, error.description, cause: error)
        }
    }

    private func watch(stuckLimit: Duration) throws(LockstepError) {
        for poller in registry.pollers.all {
            let watchdog = try Watchdog(poller.progress, limit: stuckLimit) { [self] stuck in
                abandon(stuck, after: stuckLimit)
            }
            watchdogs.withLock { $0.append(watchdog) }
        }
    }

    /// Works for clients, who call groups and are no members.
    private func serveClients(_ configuration: NodeConfiguration) {
        do {
            let server = try ClientServer(
                configuration, registry, membership.views, comingIn: membership.clients, logger: logger)
            clientServer.withLock { $0 = server }
        } catch {
            logger.warning("clients cannot call this node", metadata: ["reason": "\(error)"])
        }
    }

    private func stopServing() { clientServer.withLock { $0 }?.stop() }

    private func stopWatching() { watchdogs.withLock(\.self).forEach { $0.stop() } }

    /// How the node stands.
    func status() async throws -> NodeStatus {
        try await registry.status(
            ofCluster: cluster, membership.changes, rdma: membership.rdmaCounts, link: membership.link)
    }

    /// Why the node is out of its cluster, if nobody asked it to leave.
    var failure: LockstepError? { abandonment.withLock(\.self) ?? membership.failure }

    /// Lets others take over what only this node has, if there are any: for as long as a call may take.
    func handOver() async {
        guard registry.pollers.first.run({ [permission] loop in loop.noteLeaving(permission) }) else { return }
        let alarm = Task { [membership, registry, permission] in
            try await Task.sleep(for: membership.patience)
            registry.pollers.first.run { $0.answerLeaveWaiters(unheard: true) }
            try await Task.sleep(for: registry.callTimeout)
            permission.succeed(())
        }
        defer { alarm.cancel() }
        try? await permission.value(as: Void.self)
    }

    /// Leaves, unless it is out already, and waits until the poller has ended every shard. Nothing happens the second
    /// time.
    func leave(because error: LockstepError = CallChannel.hasLeft) async {
        stopServing()
        await membership.leave()
        registry.pollers.runInOrder({ $0.stop(because: error) }, then: { [end] in end.succeed(()) })
        try? await end.value(as: Void.self)
        registry.leave(because: error)
        stopWatching()
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
        abandonment.withLock { $0 = error }
        for channel in registry.leave(because: error) { channel.queue.abandon(because: error) }
        registry.catalogueQueue.abandon(because: error)
        registry.calls.end(because: error)
        registry.pollers.run { $0.stop(because: error) }
        permission.succeed(())
        end.succeed(())
        stopWatching()
        stopServing()
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
