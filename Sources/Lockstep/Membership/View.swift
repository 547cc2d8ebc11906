import LockstepFabric

/// The agreed list of members of a cluster. Every member sees the same views, in the same order.
public struct View: Sendable, Hashable, CustomStringConvertible {
    /// 1 for the first view; each next one is greater.
    public let number: UInt64
    /// The members in rank order.
    public let members: [Member]
    /// This node's rank: its place in ``members``.
    public let rank: Int

    /// This node.
    var me: Member { members[rank] }

    /// What made it of the view before; nil for the first view of the cluster.
    public let change: Change?

    /// How a view differs from the one before. It is a part of what the members have decided, so it is the same on all of
    /// them. All of it may be empty: a view also begins when a group gets a new replica.
    public struct Change: Sendable, Hashable {
        /// When it was proposed, by the clock of the member that did so.
        public let time: Timestamp
        /// Who is new.
        public let joined: [Member]
        /// Who asked to leave, as they were in the view before.
        public let left: [Member]
        /// Whose process has ended without that, as the kernel told, as they were in the view before.
        public let failed: [Member]
        /// Who was not heard any more and may still run: a process that was stopped, or cut off. As they were in the
        /// view before.
        public let silent: [Member]

        /// All who are gone, in the order of their ranks in the view before.
        public var gone: [Member] { (left + failed + silent).sorted { $0.rank < $1.rank } }
    }

    /// A node in a view.
    public struct Member: Sendable, Hashable {
        /// The name it joined with.
        public let name: String
        /// Its place in the view, from 0.
        public let rank: Int
        /// A number that is new each time a node of this name joins.
        public let incarnation: UInt64
        /// Its process on its host.
        public let processID: Int32
        let traits: NodeTraits
        /// The size of the memory that it shares, in bytes.
        let regionSize: Int
        /// Its place in the fabric's tables, from when it joins until it is gone.
        let peer: Peer
        /// Where it listens for nodes of other hosts, nil if it does not.
        package let address: NodeAddress?

        /// What it is to the cluster.
        public var role: NodeRole { traits.role }
        /// What it says of itself and of where it is.
        public var labels: NodeLabels { traits.labels }

        init(
            name: String, rank: Int, incarnation: UInt64, processID: Int32, traits: NodeTraits = NodeTraits(),
            regionSize: Int, peer: Peer, address: NodeAddress? = nil
        ) {
            self.name = name
            self.rank = rank
            self.incarnation = incarnation
            self.processID = processID
            self.traits = traits
            self.regionSize = regionSize
            self.peer = peer
            self.address = address
        }
    }

    init(number: UInt64, members: [Member], rank: Int, change: Change? = nil) {
        (self.number, self.members, self.rank, self.change) = (number, members, rank, change)
    }

    /// True if a majority is left without these, so that a view may begin that has none of them.
    func canGoOn(without members: [Member]) -> Bool {
        let gone = Set(members.map(\.incarnation))
        let voters = self.members.filter(\.role.votes)
        return 2 * voters.count { !gone.contains($0.incarnation) } > voters.count
    }

    /// For logs: `view 1: a, b, c (this node is b)`.
    public var description: String {
        let names = members.map(\.name).joined(separator: ", ")
        return "view \(number): \(names) (this node is \(members[rank].name))"
    }
}
