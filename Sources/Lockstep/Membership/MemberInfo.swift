import LockstepFabric
import LockstepProtocol

/// What the members know of each other beside their places.
struct MemberInfo: Codable, Sendable, Hashable {
    let name: String
    let process: Int32
    let regionSize: Int
    let traits: NodeTraits
    /// Where it listens for nodes of other hosts.
    let address: String?

    init(_ node: MeshNode) {
        name = node.name
        process = node.process
        regionSize = node.regionSize
        traits = node.traits
        address = node.address?.description
    }

    init(_ bytes: [UInt8]) throws { self = try WireReader.value(in: bytes) }

    var bytes: [UInt8] { get throws { try WireWriter.bytes(of: self) } }
}

extension View {
    /// The view as its users see it.
    init(_ view: MembershipView, me: MemberRecord, change: Change? = nil) throws {
        let members = try view.members.enumerated().map { rank, member in
            try View.Member(member, rank: rank)
        }
        guard let rank = view.rank(of: me) else { preconditionFailure("a node must be a member of its view") }
        self.init(number: view.number, members: members, rank: rank, change: change)
    }
}

extension View.Member {
    init(_ record: MemberRecord, rank: Int) throws {
        let info = try MemberInfo(record.info)
        self.init(
            name: info.name, rank: rank, incarnation: record.incarnation, processID: info.process,
            traits: info.traits, regionSize: info.regionSize, peer: record.peer,
            address: info.address.flatMap { NodeAddress($0) }
        )
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

extension MemberRecord {
    init(_ peer: Peer, _ node: MeshNode) throws {
        self.init(
            peer: peer, incarnation: node.incarnation, votes: node.traits.role.votes, info: try MemberInfo(node).bytes
        )
    }
}

extension MeshNode {
    init(_ record: MemberRecord) throws {
        let info = try MemberInfo(record.info)
        self.init(
            name: info.name, incarnation: record.incarnation, process: info.process, regionSize: info.regionSize,
            traits: info.traits, address: info.address.flatMap { NodeAddress($0) }
        )
    }
}
