import LockstepFabric

/// A node that takes part: one incarnation of it.
package struct MemberRecord: Hashable, Sendable {
    /// Its place in the fabric's tables; no two members of a view have the same.
    package let peer: Peer
    /// Never 0, and another each time the node starts.
    package let incarnation: UInt64
    /// False for a member that has the state and no vote: majorities are made without it.
    package let votes: Bool
    /// What the host wants all members to know of it: a name, an address, labels.
    package let info: [UInt8]

    /// The longest ``info``, in bytes.
    package static let infoMax = 1024

    package init(peer: Peer, incarnation: UInt64, votes: Bool = true, info: [UInt8] = []) {
        precondition(incarnation != 0, "an incarnation must not be 0, which is what empty memory says")
        precondition(info.count <= Self.infoMax, "a member's info must not be longer than MemberRecord.infoMax")
        self.peer = peer
        self.incarnation = incarnation
        self.votes = votes
        self.info = info
    }
}

/// A numbered, agreed list of members, in rank order.
package struct MembershipView: Hashable, Sendable {
    package let number: UInt64
    package let members: [MemberRecord]

    package init(number: UInt64, members: [MemberRecord]) {
        precondition(
            PeerSet(members.map(\.peer)).count == members.count, "the members of a view must have different places"
        )
        self.number = number
        self.members = members
    }

    package var peers: PeerSet { PeerSet(members.map(\.peer)) }

    /// True if more than half of those who vote are like this.
    package func isMajority(_ isLikeThis: (MemberRecord) -> Bool) -> Bool {
        2 * members.count { $0.votes && isLikeThis($0) } > members.count { $0.votes }
    }

    /// The rank of this very incarnation, nil if it is not a member.
    package func rank(of member: MemberRecord) -> Int? {
        members.firstIndex { $0.peer == member.peer && $0.incarnation == member.incarnation }
    }

    /// The view that a decision makes of this one: the survivors in rank order, and then the newcomers.
    func next(_ decision: Decision) -> MembershipView {
        let survivors = members.filter { decision.survivors.contains($0.peer) }
        return MembershipView(number: number + 1, members: survivors + decision.newcomers)
    }

    /// The rank that may propose in a ballot: ballots begin with 1 and go round.
    func owner(of ballot: UInt64) -> Int { Int((ballot - 1) % UInt64(members.count)) }

    /// The first ballot above another that a rank owns.
    func ballot(of rank: Int, above other: UInt64) -> UInt64 {
        let count = UInt64(members.count)
        let first = other / count * count + UInt64(rank) + 1
        return first > other ? first : first + count
    }
}
