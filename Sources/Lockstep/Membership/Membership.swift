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
    private let logger: Logger
    private var hasLeft = false

    /// The view that this node is in.
    public nonisolated var view: View { feed.current }

    /// The views of this node, beginning with the current one, until it leaves.
    public nonisolated var views: AsyncStream<View> { feed.stream() }

    private init(_ rendezvous: Rendezvous, logger: Logger) {
        let members = rendezvous.members.enumerated().map { rank, member in
            View.Member(
                name: member.name, rank: rank, incarnation: member.incarnation, processID: member.process,
                regionSize: member.regionSize, peer: Peer(rank)
            )
        }
        feed = ViewFeed(View(number: 1, members: members, rank: rendezvous.rank))
        self.rendezvous = rendezvous
        self.logger = logger
    }

    /// Finds the other nodes and forms the first view with them: the membership, and the fabric between them.
    static func form(
        _ configuration: NodeConfiguration, region: SharedMemoryRegion, logger: Logger
    ) async throws -> (Membership, SharedMemoryFabric) {
        let request = RendezvousRequest(
            cluster: configuration.cluster, name: configuration.name, expected: configuration.expecting,
            incarnation: .random(in: 1 ... .max), regionDescriptor: region.descriptor,
            regionSize: region.region.size, deadline: configuration.joinTimeout.deadline
        )
        let mapped = MappedMirrors()
        let rendezvous: Rendezvous
        do {
            rendezvous = try await Rendezvous.join(
                request,
                map: mapped.map,
                abandon: { mapped.set([:]) },
                waiting: { logger.info("waiting for nodes", metadata: ["present": "\($0)"]) }
            )
        } catch let error as RendezvousError {
            throw LockstepError(error)
        }
        let fabric = SharedMemoryFabric(own: region, me: Peer(rendezvous.rank), mirrors: mapped.mirrors)
        return (Membership(rendezvous, logger: logger), fabric)
    }

    /// Calls back when a member is gone, with why nothing new is delivered from then on.
    ///
    /// From here on the membership keeps itself until it leaves: a node does not leave because nobody holds it.
    func watch(_ gone: @escaping @Sendable (LockstepError) -> Void) {
        let view = view
        let logger = logger
        rendezvous.watch { rank, reason in
            let name = view.members[rank].name
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
        feed.end()
        logger.info("left")
    }
}

/// The mirrors of a proposed view, from the rendezvous's thread to the task that joins.
private final class MappedMirrors: Sendable {
    private let state = Mutex<[Peer: SharedMemoryMirror]>([:])

    var mirrors: [Peer: SharedMemoryMirror] { state.withLock { $0 } }

    func set(_ mirrors: [Peer: SharedMemoryMirror]) { state.withLock { $0 = mirrors } }

    func map(_ rank: Int, _ members: [RendezvousMember], _ descriptors: [Int32]) throws {
        var mirrors: [Peer: SharedMemoryMirror] = [:]
        for other in members.indices where other != rank {
            mirrors[Peer(other)] = try SharedMemoryMirror(
                descriptor: descriptors[other], size: members[other].regionSize
            )
        }
        set(mirrors)
    }
}

extension LockstepError {
    fileprivate init(_ error: RendezvousError) {
        let code: Code =
            switch error {
            case .nameTaken: .nameTaken
            case .versionMismatch, .expectedMismatch: .incompatible
            case .viewIsFormed: .viewIsFormed
            case .timedOut: .joinTimedOut
            case .system, .mappingFailed: .unsupportedHost
            case .otherUser, .rejected: .rendezvousFailed
            }
        self.init(code, error.description, cause: error)
    }
}
