import LockstepProtocol

/// What a node needs to know to join its cluster. Three settings have no default; the rest need none changed.
///
/// ```swift
/// let configuration = NodeConfiguration(cluster: "warehouse", name: "a", expecting: 3)
/// ```
public struct NodeConfiguration: Sendable, Hashable {
    /// The name by which the nodes of one host find each other: 1 to 64 of `A-Z a-z 0-9 . _ -`. Clusters of
    /// different users, and of different network namespaces, do not meet. Nodes of several hosts need ``seeds``, too.
    public var cluster: String
    /// This node's name, which no other node of the cluster has: as many of the same characters.
    public var name: String
    /// How many nodes make the first view: 1 to 64. All of them must expect the same number.
    public var expecting: Int
    /// What all nodes of the cluster must know: nobody else is let in.
    public var key = ClusterKey.ofThisUser
    /// What moves the bytes between this node and the others. All nodes of a cluster must have the same.
    public var fabric = FabricChoice.auto()
    /// Where this node listens for nodes of other hosts: an address of this host that they can reach. Port 0 is one
    /// that the system chooses.
    public var listen: NodeAddress?
    /// Where nodes of other hosts ask for the cluster; the same on all nodes, in the same order. The first of these nodes
    /// gathers the first view, which more than half of them must be in. Later any of them that is a member lets others in,
    /// so name three.
    public var seeds: [NodeAddress] = []
    /// How long ``Node/join(_:logger:)`` waits for the others.
    public var joinTimeout: Duration = .seconds(30)
    /// How long a call waits for its group to be hosted everywhere, for room in the ring, and for its result.
    public var callTimeout: Duration = .seconds(30)
    /// How long the node's own thread may be at one update, or at one piece of a task that prefers
    /// ``Node/executor``. If that takes longer, the node leaves its cluster, so that the others do not wait for it for
    /// ever: its calls fail, and the log names the method. Updates in a ``GroupOptions/Execution/lane`` do not count.
    public var stuckLimit: Duration = .seconds(10)
    /// A member that is not heard for so long is left out of the next view: at least 20 milliseconds. On one host the
    /// death of a process is noticed at once, so this is for those that hang or are stopped; one that only gets no
    /// processor, because the host is busy, is given up to twenty times as long. All members should have the same.
    public var failureTimeout: Duration = .milliseconds(100)
    /// What the node is to its cluster. ``expecting`` counts nodes of all roles, and at least one must vote.
    public var role = NodeRole.member
    /// Where the node is, and what else layouts may ask for: at most ``NodeLabels/countMax`` labels.
    public var labels = NodeLabels()
    /// What the node does when the others have gone on without it.
    public var rejoin: Rejoin = .never
    /// The size of each group's ring on this node, in bytes: a power of two from 4 KiB to 1 GiB. The longest message
    /// is a quarter of it.
    public var ringBytes = 1 << 20
    /// How many threads of the node move messages and run replicas, and where they run.
    public var pollers = PollerPlan.automatic
    /// The most memory that this node shares with its peers, in bytes: room for the rings of all its groups. It is
    /// taken as groups are hosted, not before.
    public var regionBytes = 1 << 30

    /// What a node does that was excluded: the others did not hear it, since it was stopped or cut off.
    public enum Rejoin: Sendable, Hashable {
        /// It stays outside, and its calls fail with ``LockstepError/Code/excluded``.
        case never
        /// It comes back by itself, as a new incarnation, and gets the state of its groups from the others. Handles and
        /// references go on working; until it is back, their calls fail with ``LockstepError/Code/excluded``. The log says
        /// so, and ``Node/views`` go on with the view that has it again.
        case automatically
    }

    /// A configuration with the defaults for everything else.
    public init(cluster: String, name: String, expecting: Int) {
        self.cluster = cluster
        self.name = name
        self.expecting = expecting
    }

    func check() throws(LockstepError) {
        try check(name: cluster, of: "cluster")
        try check(name: name, of: "node")
        try Self.require(
            (1...64).contains(expecting), "`expecting` must be 1 to 64 nodes, and is \(expecting)."
        )
        try checkNetwork()
        try NodeConfiguration.check(ringBytes: ringBytes)
        try Self.require(
            regionBytes >= ringBytes + 1 << 19 && regionBytes <= 1 << 40,
            "`regionBytes` must be at least `ringBytes` and 524288 more, at most 1099511627776, and is \(regionBytes)."
        )
        try Self.require(joinTimeout > .zero, "`joinTimeout` must be more than nothing, and is \(joinTimeout).")
        try Self.require(
            failureTimeout >= .milliseconds(20) && failureTimeout <= .seconds(3600),
            "`failureTimeout` must be 20 milliseconds to an hour, and is \(failureTimeout)."
        )
        try pollers.check()
        try traits.labels.check()
        for (label, _) in labels.sorted { try check(name: label, of: "label") }
        try Self.require(callTimeout > .zero, "`callTimeout` must be more than nothing, and is \(callTimeout).")
        try Self.require(stuckLimit > .zero, "`stuckLimit` must be more than nothing, and is \(stuckLimit).")
    }

    private func checkNetwork() throws(LockstepError) {
        switch fabric {
        case .sharedMemory:
            try Self.require(
                listen == nil && seeds.isEmpty,
                "`listen` and `seeds` are for nodes of several hosts: choose the fabric `.auto()`, or leave them out."
            )
        case .auto where listen == nil && seeds.isEmpty:
            break
        case .auto, .tcp, .verbs:
            try Self.require(
                listen != nil && !seeds.isEmpty,
                """
                Nodes of several hosts need `listen`, where this node is reached, and `seeds`, where it asks for the \
                cluster.
                """
            )
            try Self.require(
                expecting >= NodeNetwork.quorum(of: seeds) && Set(seeds).count == seeds.count,
                """
                The first view has more than half of the \(seeds.count) seeds in it, which are all different, and \
                \(expecting) nodes: expect more, or name fewer seeds.
                """
            )
            for seed in seeds {
                try Self.require(
                    (1...65_535).contains(seed.port), "A seed needs a port from 1 to 65535, and \(seed) has none.")
            }
            try Self.require(
                !["0.0.0.0", "::"].contains(listen?.host),
                "`listen` must be an address at which others reach this node, and not \(listen?.host ?? "")."
            )
        }
    }

    var traits: NodeTraits { NodeTraits(role, labels.located) }

    var membershipSettings: MembershipSettings {
        let timeout = failureTimeout.nanoseconds
        // A heartbeat is almost all that a node at rest does: no more of them than leave room for some that are late.
        return MembershipSettings(
            timeout: timeout, heartbeatInterval: timeout / 5, backoff: timeout / 20, grace: 10 * timeout)
    }

    static func check(ringBytes: Int) throws(LockstepError) {
        try require(
            ringBytes.nonzeroBitCount == 1 && (1 << 12...1 << 30).contains(ringBytes),
            "`ringBytes` must be a power of two from 4096 to 1073741824, and is \(ringBytes)."
        )
    }

    /// Whether clusters and nodes may have this name.
    package static func isName(_ text: String) -> Bool {
        let isAllowed = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return (1...64).contains(text.utf8.count) && isAllowed
    }

    private func check(name: String, of what: String) throws(LockstepError) {
        try Self.require(
            Self.isName(name),
            "A \(what)'s name must be 1 to 64 of the characters A-Z a-z 0-9 . _ - and is \"\(name)\"."
        )
    }

    private static func require(_ condition: Bool, _ sentence: @autoclosure () -> String) throws(LockstepError) {
        guard condition else { throw LockstepError(.invalidConfiguration, sentence()) }
    }
}
