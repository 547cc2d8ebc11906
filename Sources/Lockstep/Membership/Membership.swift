import LockstepFabric
import Logging
import Synchronization

/// Keeps a node's place among the others: forms the first view, tells who is gone, and leaves.
///
/// Views do not change yet: when a member leaves or dies, its view delivers nothing new, and calls fail with
/// ``LockstepError/Code/memberGone``.
public actor Membership {
    private let feed: ViewFeed
    private let rendezvous: Rendezvous
    private let peers: MeshPeers
    private let logger: Logger
    private var hasLeft = false

    /// The view that this node is in.
    public nonisolated var view: View { feed.current }

    /// The views of this node, beginning with the current one, until it leaves.
    public nonisolated var views: AsyncStream<View> { feed.stream() }

    private init(_ rendezvous: Rendezvous, _ peers: MeshPeers, rank: Int, _ members: [MeshNode], logger: Logger) {
        let viewMembers = members.enumerated().map { rank, member in
            View.Member(
                name: member.name, rank: rank, incarnation: member.incarnation, processID: member.process,
                regionSize: member.regionSize, peer: Peer(rank)
            )
        }
        feed = ViewFeed(View(number: 1, members: viewMembers, rank: rank))
        self.rendezvous = rendezvous
        self.peers = peers
        self.logger = logger
    }

    /// Finds the other nodes and forms the first view with them: the membership, and the fabric between them.
    static func form(
        _ configuration: NodeConfiguration, region: SharedMemoryRegion, logger: Logger
    ) async throws -> (Membership, SharedMemoryFabric) {
        let request = RendezvousRequest(
            cluster: configuration.cluster, name: configuration.name, expected: configuration.expecting,
            incarnation: .random(in: 1 ... .max), region: region, deadline: configuration.joinTimeout.deadline
        )
        let peers = MeshPeers()
        let rendezvous: Rendezvous
        do {
            rendezvous = try await Rendezvous.join(
                request,
                handler: peers.note,
                waiting: { logger.info("waiting for nodes", metadata: ["present": "\($0)"]) }
            )
        } catch let error as RendezvousError {
            throw LockstepError(error)
        }
        guard case .founded(let rank, let members) = rendezvous.outcome else {
            rendezvous.leave()
            throw LockstepError.viewIsFormed(configuration.cluster, rendezvous.outcome)
        }
        let mirrors = try peers.mirrors(of: members, rank: rank)
        let fabric = SharedMemoryFabric(own: region, me: Peer(rank), mirrors: mirrors)
        return (Membership(rendezvous, peers, rank: rank, members, logger: logger), fabric)
    }

    /// Calls back when a member is gone, with why nothing new is delivered from then on.
    ///
    /// From here on the membership keeps itself until it leaves: a node does not leave because nobody holds it.
    func watch(_ gone: @escaping @Sendable (LockstepError) -> Void) {
        let view = view
        let logger = logger
        peers.watch { incarnation, reason in
            guard let name = view.members.first(where: { $0.incarnation == incarnation })?.name else { return }
            let error = LockstepError(
                .memberGone,
                """
                The member "\(name)" has \(reason == .left ? "left" : "died"), and views do not change yet. \
                Restart the nodes of the cluster to form a new view.
                """
            )
            logger.info("a member is gone", metadata: ["member": "\(name)", "reason": "\(reason)"])
            withExtendedLifetime(self) { gone(error) }
        }
    }

    /// Says goodbye to the others. Nothing happens the second time.
    func leave() {
        guard !hasLeft else { return }
        hasLeft = true
        rendezvous.leave()
        peers.forget()
        feed.end()
        logger.info("left")
    }
}

extension LockstepError {
    fileprivate init(_ error: RendezvousError) {
        let code: Code =
            switch error {
            case .nameTaken: .nameTaken
            case .versionMismatch, .expectedMismatch: .incompatible
            case .timedOut: .joinTimedOut
            case .system, .mappingFailed: .unsupportedHost
            case .otherUser, .rejected: .rendezvousFailed
            }
        self.init(code, error.description, cause: error)
    }

    fileprivate static func viewIsFormed(_ cluster: String, _ outcome: Rendezvous.Outcome) -> LockstepError {
        guard case .candidate(_, let members) = outcome else { preconditionFailure("a founder is in the view") }
        return LockstepError(
            .viewIsFormed,
            """
            The view of cluster "\(cluster)" is formed, and this node is not in it: choose another cluster name, or \
            end the members first and then start all nodes again. Its members: \(listed(members.map(\.name))).
            """
        )
    }
}
