import LockstepFabric
import LockstepProtocol

/// What nodes tell each other beside the protocol: for those who join, and for replicas that need state.
enum ClusterMessage: Codable, Sendable {
    /// From a node outside: which view is it?
    case whichView
    case view(ViewRecord)
    /// A node outside wants to follow the views at a place in the fabric's tables.
    case follow(NodeRecord)
    /// Whether it may.
    case following(Bool)
    /// A replica needs the state of a group in a view. The number of the question is in all that follows.
    case giveState(group: String, request: UInt64, view: UInt64)
    /// The state as it is at a position comes in chunks: in slots of the memory that comes with the message, or in
    /// messages.
    case state(request: UInt64, position: UInt64, updates: UInt64, executed: [UInt64], slots: StateChunk.Slots?)
    case chunk(request: UInt64, StateChunk)
    /// So many chunks have been taken; no more are wanted if it is the largest number.
    case tookChunks(request: UInt64, count: UInt64)
    /// Not now; or not from this node at all, for a reason.
    case noState(request: UInt64, reason: String?)

    /// The mesh's number for these messages.
    static let kind: UInt16 = 1

    /// A member of a view, or a node that wants to be one.
    struct NodeRecord: Codable, Sendable {
        let peer: Int
        let incarnation: UInt64
        let votes: Bool
        let info: [UInt8]
    }

    /// A view, as whoever joins has to know it.
    struct ViewRecord: Codable, Sendable {
        let number: UInt64
        let members: [NodeRecord]
    }

    init(_ bytes: [UInt8]) throws { self = try WireReader.value(in: bytes) }

    var bytes: [UInt8] { get throws { try WireWriter.bytes(of: self) } }
}

extension ClusterMessage.NodeRecord {
    init(_ record: MemberRecord) {
        self.init(
            peer: record.peer.index, incarnation: record.incarnation, votes: record.votes, info: record.info
        )
    }

    /// Nil if no correct node sends such a record.
    var record: MemberRecord? {
        guard (0..<Peer.countMax).contains(peer), incarnation != 0, info.count <= MemberRecord.infoMax else {
            return nil
        }
        return MemberRecord(peer: Peer(peer), incarnation: incarnation, votes: votes, info: info)
    }
}

extension ClusterMessage.ViewRecord {
    init(_ view: MembershipView) {
        self.init(number: view.number, members: view.members.map { ClusterMessage.NodeRecord($0) })
    }

    /// Nil if no correct node sends such a view.
    var view: MembershipView? {
        let records = members.compactMap(\.record)
        guard records.count == members.count, Set(records.map(\.peer)).count == records.count, number > 0 else {
            return nil
        }
        return MembershipView(number: number, members: records)
    }
}
