import LockstepProtocol

/// How this node takes part in a group. Each member chooses for itself.
public struct GroupOptions: Sendable, Hashable {
    /// The size of the group's ring on this node, in bytes: a power of two from 4 KiB to 1 GiB. The longest message
    /// is a quarter of it. Nil stands for ``NodeConfiguration/ringBytes``.
    public var ringBytes: Int?
    /// False for a member that only receives: it has no ring, nobody waits for its place in the order, and its own
    /// calls throw ``LockstepError/Code/notSender``.
    public var sends = true
    /// Updates between two comparisons of the replicas' states, by hash; 0 for none. While hashing takes more than a
    /// hundredth of the time, some are left out. A difference is logged, and is in ``GroupStatus/divergence``.
    public var auditInterval = 1024

    /// For tests: the replica is made anew from a snapshot after one in so many updates; 0 for never.
    package var restoresOneIn = 0
    /// For tests: no audit is left out.
    package var auditsAll = false

    /// What suits most groups.
    public init() {}

    func check() throws(LockstepError) {
        guard (0...1 << 30).contains(auditInterval) else {
            throw LockstepError(
                .invalidConfiguration,
                "`auditInterval` must be 0 to \(1 << 30) updates, and is \(auditInterval)."
            )
        }
        guard let ringBytes else { return }
        try NodeConfiguration.check(ringBytes: ringBytes)
    }
}
