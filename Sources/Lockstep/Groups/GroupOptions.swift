import LockstepFabric
import LockstepProtocol

/// How this node takes part in a group. Each member chooses for itself.
public struct GroupOptions: Sendable, Hashable {
    /// The size of the group's ring on this node, in bytes: a power of two from 4 KiB to 1 GiB. The longest message
    /// is a quarter of it. Nil stands for ``NodeConfiguration/ringBytes``.
    public var ringBytes: Int?
    /// False for a member that only receives: it has no ring, nobody waits for its place in the order, and its own
    /// updates throw ``LockstepError/Code/notSender``.
    public var sends = true
    /// Updates between two comparisons of the replicas' states, by hash; 0 for none. While hashing takes more than a
    /// hundredth of the time, some are left out. A difference is logged, and is in ``GroupStatus/divergence``.
    public var auditInterval = 1024
    /// How often an effect outside is tried before it has failed, nil for ever. It counts for what this member tries: of
    /// those that send, the one of the lowest rank.
    public var effectAttemptsMax: Int?

    /// The thread that runs this node's replica. A raw group's receiver always runs ``Execution/inline``.
    public var execution = Execution.inline
    /// Which of a node's pollers moves the group's messages and runs its replica, from 0 to 7, modulo the number of pollers
    /// that the node has; the same at all members. Nil leaves it to the group's name. See ``NodeConfiguration/pollers``.
    public var poller: Int?
    /// With ``Execution/lane``: how many bytes of calls may wait for the replica, each with 64 more. When there are as
    /// many, this node takes no more of the group's, and those who send in it get no room in their rings, until the
    /// replica has caught up.
    public var backlogBytes = 1 << 20

    /// How many of the changes that updates publish this node keeps, for readers of ``Group/changes`` that are slow or
    /// come back.
    public var changesKept = 1024

    /// For tests: the replica is made anew from a snapshot after one in so many updates; 0 for never.
    package var restoresOneIn = 0
    /// For tests: no audit is left out.
    package var auditsAll = false

    /// What suits most groups.
    public init() {}

    /// The thread that runs a replica.
    public enum Execution: Sendable, Hashable {
        /// The node's own, which also moves the bytes of all groups: the fastest, for updates that take microseconds.
        case inline
        /// A thread of the replica's own, for updates that take long: the node's other groups go on meanwhile, and this
        /// group goes on receiving. It costs each call a copy, a change of threads and an allocation.
        case lane
    }

    func check() throws(LockstepError) {
        guard (0...1 << 30).contains(auditInterval) else {
            throw LockstepError(
                .invalidConfiguration,
                "`auditInterval` must be 0 to \(1 << 30) updates, and is \(auditInterval)."
            )
        }
        guard backlogBytes > 0 else {
            throw LockstepError(
                .invalidConfiguration, "`backlogBytes` must be 1 or more, and is \(backlogBytes)."
            )
        }
        guard (1...1 << 24).contains(changesKept) else {
            throw LockstepError(
                .invalidConfiguration, "`changesKept` must be 1 to \(1 << 24), and is \(changesKept)."
            )
        }
        guard effectAttemptsMax ?? 1 > 0 else {
            throw LockstepError(
                .invalidConfiguration, "`effectAttemptsMax` must be 1 or more, or nil for attempts without an end."
            )
        }
        guard (0..<Strand.count).contains(poller ?? 0) else {
            throw LockstepError(
                .invalidConfiguration, "`poller` must be 0 to \(Strand.count - 1), or nil, and is \(poller ?? 0)."
            )
        }
        guard let ringBytes else { return }
        try NodeConfiguration.check(ringBytes: ringBytes)
    }
}
