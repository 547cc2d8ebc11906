import LockstepFabric

/// What a membership wants its host to do, in this order.
package enum MembershipEffect: Hashable, Sendable {
    /// Push these ranges, one after the other.
    case push([Range<Int>], to: PeerSet)
    /// Stop sending and receiving in every shard of the view, and then report what was received:
    /// ``MembershipMachine/noteWedged(_:)``. If the view is still being installed, give up its state transfer.
    case wedge(view: UInt64)
    /// Deliver exactly to the trims, drop the rest, and install the next view:
    /// ``MembershipMachine/noteInstalled(_:)``.
    case install(Installation)
    /// Every member has installed the view. Rings and lines of the view before may be written again, so shards begin to
    /// send.
    case formed(view: UInt64)
    /// Stop: the others go on without this incarnation.
    case excluded(Exclusion)
    /// Whether a majority of the view is heard. Without one, deliver and acknowledge nothing new.
    case majority(Bool)
    /// Who in the view is not heard, when that changes.
    case suspects(PeerSet)
}

/// A view that follows another.
package struct Installation: Hashable, Sendable {
    package let view: MembershipView
    package let previous: MembershipView
    package let decision: Decision
    /// True if this node was not a member before.
    package let isJoining: Bool

    package var left: [MemberRecord] { gone.filter { decision.leavers.contains($0.peer) } }
    package var failed: [MemberRecord] { unasked.filter { decision.dead.contains($0.peer) } }
    package var silent: [MemberRecord] { unasked.filter { !decision.dead.contains($0.peer) } }
    package var joined: [MemberRecord] { decision.newcomers }

    private var unasked: [MemberRecord] { gone.filter { !decision.leavers.contains($0.peer) } }

    private var gone: [MemberRecord] { previous.members.filter { !decision.survivors.contains($0.peer) } }

    /// How far a shard of the view before got; nil if no survivor knew of it.
    package func trim(of shard: Int) -> UInt64? { decision.trims.first { $0.shard == shard }?.position }
}

/// Why a node is out.
package enum Exclusion: Hashable, Sendable {
    /// It asked to leave, and has.
    case left
    /// The members of a view decided on the next without it.
    case replaced(view: UInt64)
    /// It was away for so long that nobody can tell it any more what was decided in its view.
    case forgotten(view: UInt64)
}
