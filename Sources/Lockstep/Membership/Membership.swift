import LockstepFabric
import LockstepProtocol
import Logging

/// Keeps a node's place among the others: joins, tells who is in the cluster, and leaves.
///
/// Members agree on every view by a majority of the one before: what no majority hears of does not happen.
public actor Membership {
    nonisolated let feed: ViewFeed
    nonisolated let member: ClusterMember
    /// How long this node waits for the others when it leaves.
    nonisolated let patience: Duration
    private let rdma: RDMADevice?
    /// Where clients of other hosts come in, if this node listens for other hosts.
    nonisolated let clients: StreamQueue?
    private let logger: Logger
    private var leaving: Task<Void, Never>?

    /// The view that this node is in, or was in last.
    public nonisolated var view: View { feed.current }

    /// The views of this node, beginning with the current one, until it is out of the cluster.
    public nonisolated var views: AsyncStream<View> { feed.stream() }

    /// Why this node is out of the cluster.
    nonisolated var ending: LockstepError { member.ending }

    /// Waits until this node is out of the cluster; true if the others have gone on without it.
    nonisolated func isExcludedAtTheEnd() async -> Bool {
        await member.waitForEnd()
        return member.ending.code == .excluded
    }

    /// This node cannot be a member, for a reason that it ends with.
    nonisolated func giveUp(_ error: LockstepError) { member.giveUp(error) }

    /// How the last views began, as this node saw it, the latest last: at most 16.
    public nonisolated var changes: [ViewChangeReport] { member.changes }

    /// What moves the bytes between this node and a member, and why.
    nonisolated func link(to other: View.Member) -> (NodeStatus.Link, reason: String)? {
        member.link(to: other.incarnation)
    }

    /// What this node has asked of its RDMA device; nil if it has opened none.
    package nonisolated var rdmaCounts: NodeStatus.RDMA? { rdma.flatMap { NodeStatus.RDMA($0) } }

    /// Why this node is out of the cluster, if nobody asked it to leave.
    nonisolated var failure: LockstepError? { member.failure }

    private init(
        _ feed: ViewFeed, _ member: ClusterMember, _ rdma: RDMADevice?, patience: Duration, clients: StreamQueue?,
        logger: Logger
    ) {
        self.feed = feed
        self.clients = clients
        self.member = member
        self.rdma = rdma
        self.patience = patience
        self.logger = logger
    }

    /// What a node brings into its cluster.
    struct Parts: Sendable {
        let region: SharedMemoryRegion
        let layout: MembershipLayout
        let pollers: Pollers
        let catalogueQueue: SendQueue
        let calls: MemberCalls
        /// Where the views go on if this is not the node's first incarnation.
        let feed: ViewFeed?
        /// True if they go on after the others have excluded the node.
        let comesBack: Bool
    }

    /// Finds the other nodes, and forms the first view with them or is taken into theirs.
    ///
    /// - Throws: ``Candidacy/TryAgain`` if it has to be tried again, with everything new.
    static func join(
        _ configuration: NodeConfiguration, _ parts: Parts, deadline: Int64, logger: Logger
    ) async throws -> Membership {
        let desk = ClusterDesk()
        var request = RendezvousRequest(
            cluster: configuration.cluster, name: configuration.name, expected: configuration.expecting,
            incarnation: .random(in: 1 ... .max), region: parts.region, deadline: deadline,
            key: try configuration.key.load(), logger: logger
        )
        request.traits = configuration.traits
        let rendezvous: Rendezvous
        do {
            request.network = try await openNetwork(configuration, parts.region, logger)
            request.traits.pollers = parts.region.pollers
            request.traits.rdma = request.network?.rdma.device?.reach
            rendezvous = try await Rendezvous.join(
                request, handler: desk.note,
                waiting: { logger.info("waiting for nodes", metadata: ["present": "\($0)"]) }
            )
        } catch let error as RendezvousError {
            throw LockstepError(error)
        }
        let joining = Joining(configuration, parts, request, rendezvous, desk, logger: logger)
        let (member, feed) = try await joining.run()
        return Membership(
            feed, member, request.network?.rdma.device, patience: configuration.failureTimeout * 10,
            clients: request.network?.endpoint.clients, logger: logger)
    }

    private static func openNetwork(
        _ configuration: NodeConfiguration, _ region: SharedMemoryRegion, _ logger: Logger
    ) async throws -> NodeNetwork? {
        guard let security = configuration.fabric.security, let address = configuration.listen else { return nil }
        let rdma: RDMAUse
        do {
            rdma = try RDMAUse(configuration, own: region)
        } catch {
            throw LockstepError(error)
        }
        let own = NodeIdentity(cluster: configuration.cluster, name: configuration.name)
        let endpoint = try await StreamEndpoint.open(
            at: address, StreamSecurity(security, of: own, logger: logger), logger: logger)
        logger.info("listening", metadata: ["at": "\(endpoint.address)", "fabric": "\(configuration.fabric)"])
        return NodeNetwork(
            endpoint: endpoint, seeds: configuration.seeds, sharesMemory: configuration.fabric.sharesMemory,
            rdma: rdma)
    }

    /// Asks the others to go on without this node, waits until they do, and ends its part. The second time it only
    /// waits.
    ///
    /// - Parameter isAbrupt: True for a node that cannot do its part in their change of views: they find it gone.
    func leave(isAbrupt: Bool = false) async {
        let task =
            leaving
            ?? Task { [member, patience, logger] in
                if isAbrupt { member.quit() } else { await member.leave(patience: patience) }
                logger.info("left")
            }
        leaving = task
        await task.value
    }
}

extension LockstepError {
    fileprivate init(_ error: RendezvousError) {
        let code: Code =
            switch error {
            case .nameTaken: .nameTaken
            case .otherKey, .untrusted: .invalidConfiguration
            case .versionMismatch, .expectedMismatch: .incompatible
            case .timedOut: .joinTimedOut
            case .system, .mappingFailed: .unsupportedHost
            case .otherUser, .rejected: .rendezvousFailed
            }
        self.init(code, error.description, cause: error)
    }
}
