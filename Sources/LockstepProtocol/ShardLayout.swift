import LockstepFabric

/// Who is in a shard in one view, and where each member keeps its line and ring in its own region.
package struct ShardLayout: Sendable {
    package struct Member: Sendable {
        package let peer: Peer
        /// The offset of its ``Line``.
        package let line: Int
        /// The range of its ring; empty if it does not send.
        package let ring: Range<Int>

        package init(peer: Peer, line: Int, ring: Range<Int>) {
            precondition(
                ring.isEmpty || (ring.count.nonzeroBitCount == 1 && ring.count >= Record.ringSizeMin),
                "a ring's size must be a power of two of at least Record.ringSizeMin"
            )
            self.peer = peer
            self.line = line
            self.ring = ring
        }
    }

    package let tag: ViewTag
    /// In rank order.
    package let members: [Member]
    /// This node's place among the members.
    package let me: Int
    /// The places of those who send, in rank order.
    package let senders: [Int]

    package init(view number: UInt64, members: [Member], me: Int) {
        precondition(members.indices.contains(me), "a node must be a member of the shards that it runs")
        tag = ViewTag(view: number)
        self.members = members
        self.me = me
        senders = members.indices.filter { !members[$0].ring.isEmpty }
    }

    /// Everybody but this node.
    package var others: PeerSet {
        PeerSet(members.indices.filter { $0 != me }.map { members[$0].peer })
    }
}
