import LockstepFabric
import LockstepProtocol
import Logging

/// The way of a node from the rendezvous into its first view.
struct Joining: Sendable {
    private let configuration: NodeConfiguration
    private let parts: Membership.Parts
    private let request: RendezvousRequest
    private let rendezvous: Rendezvous
    private let desk: ClusterDesk
    private let logger: Logger

    init(
        _ configuration: NodeConfiguration, _ parts: Membership.Parts, _ request: RendezvousRequest,
        _ rendezvous: Rendezvous, _ desk: ClusterDesk, logger: Logger
    ) {
        self.configuration = configuration
        self.parts = parts
        self.request = request
        self.rendezvous = rendezvous
        self.desk = desk
        self.logger = logger
    }

    /// Nothing is left open if it throws.
    func run() async throws -> (ClusterMember, ViewFeed) {
        do {
            switch rendezvous.outcome {
            case .founded(let rank, let members):
                guard parts.feed == nil else { throw Joining.clusterIsGone }
                return try await found(rank, members)
            case .candidate(_, let members): return try await beTakenIn(by: members)
            }
        } catch {
            desk.close()
            rendezvous.leave()
            throw error
        }
    }

    private static let clusterIsGone = LockstepError(
        .stateLost,
        """
        The cluster that had gone on without this node is gone, and the state of its groups with it: end this process, and \
        start all nodes anew.
        """
    )

    // MARK: - The first view

    private func found(_ rank: Int, _ nodes: [MeshNode]) async throws -> (ClusterMember, ViewFeed) {
        let records = nodes.enumerated().map { rank, node in MemberRecord(Peer(rank), node) }
        let view = MembershipView(number: 1, members: records)
        var mirrors: [Peer: any PeerMemory] = [:]
        for (record, node) in zip(records, nodes) where record.peer.index != rank {
            guard let mirror = desk.mirror(of: node.id) else {
                throw LockstepError(
                    .joinTimedOut,
                    "The node \"\(node.name)\" died while the first view was formed. Start it again, and this one."
                )
            }
            mirrors[record.peer] = mirror
        }
        let member = makeMember(records[rank])
        let feed = try await member.join { member in
            for record in records {
                if let mirror = mirrors[record.peer] { member.driver.tell(.connected(record, mirror)) }
            }
            member.begin(try View(view, me: records[rank]), view, mirrors, hasCatalogue: true)
            // Last, so that the view does not end before it has begun here.
            try start(member, view)
        }
        return (member, feed)
    }

    // MARK: - A later view

    private func beTakenIn(by members: [MeshNode]) async throws -> (ClusterMember, ViewFeed) {
        let candidacy = Candidacy(
            desk: desk, mesh: rendezvous.mesh, members: members, deadline: request.deadline
        )
        let (me, view) = try await candidacy.begin()
        let member = makeMember(me)
        async let feed = member.join { try start($0, view) }
        do {
            try await candidacy.follow(view, as: member)
        } catch {
            member.abandon(error)
        }
        return (member, try await feed)
    }

    // MARK: - Parts

    private func makeMember(_ me: MemberRecord) -> ClusterMember {
        let member = ClusterMember(me: me, parts, rendezvous, desk, logger: logger)
        desk.serve(member)
        return member
    }

    private func start(_ member: ClusterMember, _ view: MembershipView) throws {
        let (me, parts, settings) = (member.me, parts, configuration.membershipSettings)
        try member.driver.start {
            try MembershipLoop(
                me: me, view: view, region: parts.region, layout: parts.layout, settings: settings, host: member
            )
        }
    }
}
