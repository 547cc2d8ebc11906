import LockstepFabric
import LockstepProtocol

// What the members know of each other beside their places is what each introduced itself with.
extension MemberRecord {
    init(_ peer: Peer, _ node: MeshNode) {
        var writer = ControlWriter()
        node.write(to: &writer)
        self.init(peer: peer, incarnation: node.incarnation, votes: node.traits.role.votes, info: writer.bytes)
    }

    /// The node, as it introduced itself.
    var node: MeshNode {
        get throws(ControlFlaw) {
            var reader = ControlReader(info)
            let node = try MeshNode(from: &reader)
            try reader.end()
            guard node.incarnation == incarnation else { throw .malformed("it is the introduction of another node") }
            return node
        }
    }
}

extension View {
    /// The view as its users see it.
    init(_ view: MembershipView, me: MemberRecord, change: Change? = nil) throws(ControlFlaw) {
        var members: [Member] = []
        for (rank, member) in view.members.enumerated() { members.append(try Member(member, rank: rank)) }
        guard let rank = view.rank(of: me) else { preconditionFailure("a node must be a member of its view") }
        self.init(number: view.number, members: members, rank: rank, change: change)
    }
}

extension View.Member {
    init(_ record: MemberRecord, rank: Int) throws(ControlFlaw) {
        self.init(try record.node, rank: rank, peer: record.peer)
    }
}

extension View.Change {
    init(_ installation: Installation) throws {
        func members(_ records: [MemberRecord], of view: MembershipView) throws -> [View.Member] {
            try records.map { try View.Member($0, rank: view.rank(of: $0) ?? 0) }
        }
        time = Timestamp(nanoseconds: Int64(clamping: installation.decision.time))
        joined = try members(installation.joined, of: installation.view)
        left = try members(installation.left, of: installation.previous)
        failed = try members(installation.failed, of: installation.previous)
        silent = try members(installation.silent, of: installation.previous)
    }
}
