import LockstepFabric

/// Where the parts of a membership row lie: at the same place in every node's region.
package struct MembershipLayout: Hashable, Sendable {
    /// The offset of the row; a multiple of 64.
    package let start: Int
    /// How many words the finals of a view, a proposal and a decision may have each.
    package let capacity: Int
    /// Every other view uses the same slot; 1 only to see that a simulation notices.
    var slotCount: UInt64 = 2

    /// Two words a shard must fit into `capacity`, and one a shard with four a newcomer or more, if they have infos.
    package init(start: Int, capacity: Int = 4096) {
        precondition(start % 64 == 0, "a row must begin at a multiple of 64 bytes")
        precondition(capacity >= 64, "a row needs room for a decision")
        self.start = start
        self.capacity = capacity
    }

    package var size: Int { slotStart + 2 * slotSize - start }

    // MARK: - What does not depend on the view

    var incarnation: Int { start }
    /// The time at which this node was last awake, by its own clock.
    var heartbeat: Int { start + 8 }
    /// The members that this node does not hear: a hint.
    var suspects: Int { start + 16 }
    /// 1 when this node wants to leave.
    var leaving: Int { start + 24 }
    /// 1 when this node is a learner that is up to date and wants to be a member, with its record.
    var ready: Int { start + 32 }
    /// Those of the members whose death the kernel has told this node.
    var dead: Int { start + 40 }
    /// The last heartbeat that this node has seen of a peer: an ``Echo``.
    func echo(of peer: Peer) -> Int { start + 64 + peer.index * 8 }

    /// What a heartbeat changes.
    package var pulse: Range<Int> { start..<start + 64 + Peer.countMax * 8 }

    var record: CheckedBlock {
        CheckedBlock(start: pulse.upperBound, capacity: 3 + (MemberRecord.infoMax + 7) / 8)
    }

    // MARK: - What belongs to a view

    private var slotStart: Int { (record.range.upperBound + 63) & ~63 }
    private var slotSize: Int { (64 + 3 * CheckedBlock.size(capacity: capacity) + 63) & ~63 }

    func slot(_ view: UInt64) -> MembershipSlotLayout {
        MembershipSlotLayout(start: slotStart + Int(view % slotCount) * slotSize, capacity: capacity)
    }
}

/// Where a row keeps what belongs to one view: every other view uses the same place, with another tag.
struct MembershipSlotLayout {
    let start: Int
    let capacity: Int

    /// The number of the view, whole; all the words behind it are counters with its tag.
    var view: Int { start }
    /// 1 when the host has installed the view.
    var installed: Int { start + 8 }
    var wedged: Int { start + 16 }
    var promised: Int { start + 24 }
    var accepted: Int { start + 32 }
    var decided: Int { start + 40 }
    /// 1 when this node has the state with which the view begins, whether its host is done with that or not.
    var holding: Int { start + 48 }

    var head: Range<Int> { start..<start + 64 }
    var acceptance: Range<Int> { accepted..<accepted + 8 }

    var finals: CheckedBlock { block(0) }
    var proposal: CheckedBlock { block(1) }
    var decision: CheckedBlock { block(2) }

    private func block(_ index: Int) -> CheckedBlock {
        CheckedBlock(start: start + 64 + index * CheckedBlock.size(capacity: capacity), capacity: capacity)
    }
}
