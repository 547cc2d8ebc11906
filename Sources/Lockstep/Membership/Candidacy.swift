import LockstepFabric
import LockstepProtocol

/// How a node gets into a cluster that runs: it follows the views of its members, who take it in as soon as all of them
/// know it.
struct Candidacy {
    let desk: ClusterDesk
    let mesh: Mesh
    /// Who was in the cluster when this node found it.
    let members: [MeshNode]
    let deadline: Int64

    /// Between two looks at what the members have said, and between two questions.
    private static let pause = Duration.milliseconds(2)
    private static let looksPerQuestion = 25

    /// The node has to begin anew: its place is another's, or those whom it followed are gone.
    struct TryAgain: Error {}

    /// Learns the view, and takes a place that nobody in it has.
    func begin() async throws -> (me: MemberRecord, view: MembershipView) {
        var looks = 0
        while desk.told == nil {
            if looks % Self.looksPerQuestion == 0 { ask(members.map(\.id)) }
            looks += 1
            try await rest()
        }
        guard let view = desk.told else { throw TryAgain() }
        let taken = Set(view.members.map(\.peer.index))
        guard let place = (0..<Peer.countMax).filter({ !taken.contains($0) }).randomElement() else {
            throw LockstepError(
                .rendezvousFailed, "The cluster has \(Peer.countMax) nodes already, the most there can be."
            )
        }
        return (MemberRecord(Peer(place), mesh.own), view)
    }

    /// Follows the views until this node is in one.
    func follow(_ view: MembershipView, as member: ClusterMember) async throws {
        var followed: Set<UInt64> = []
        var asked: Set<UInt64> = []
        var isReady = false
        var looks = 0
        while member.isOutside {
            let current = desk.told.map { $0.number > view.number ? $0 : view } ?? view
            let asks = looks % Self.looksPerQuestion == 0
            for other in current.members where !followed.contains(other.incarnation) {
                guard let mirror = desk.mirror(of: other.incarnation) else {
                    if asks, let node = try? other.node { mesh.connect(to: node) }
                    continue
                }
                switch desk.answer(of: other.incarnation) {
                case true?:
                    member.driver.tell(.connected(other, mirror))
                    followed.insert(other.incarnation)
                case false?:
                    throw TryAgain()
                case nil:
                    guard asked.insert(other.incarnation).inserted else { continue }
                    send(.follow(ClusterMessage.NodeRecord(member.me)), to: other.incarnation)
                }
            }
            if !isReady, current.members.allSatisfy({ followed.contains($0.incarnation) }) {
                isReady = true
                member.driver.tell(.ready)
            }
            // Members that have come meanwhile have to know this node too.
            if asks { ask(current.members.map(\.incarnation)) }
            looks += 1
            try await rest()
        }
    }

    private func rest() async throws {
        guard now() < deadline else {
            throw LockstepError(
                .joinTimedOut,
                """
                The cluster runs, and has not taken this node in before the deadline. Its members need a majority of \
                their view for that: look whether they have it.
                """
            )
        }
        if desk.isAlone { throw TryAgain() }
        try await Task.sleep(for: Self.pause)
    }

    private func ask(_ nodes: [UInt64]) {
        for node in nodes { send(.whichView, to: node) }
    }

    private func send(_ message: ClusterMessage, to node: UInt64) {
        guard let bytes = try? message.bytes else { return }
        mesh.send(ClusterMessage.kind, bytes, to: node)
    }
}
