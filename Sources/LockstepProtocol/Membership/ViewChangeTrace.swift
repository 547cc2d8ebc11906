import LockstepFabric

/// How one view became the next, as one node saw it: for people, who want to know why and what took how long.
package struct ViewChangeTrace: Hashable, Sendable {
    /// What a change goes through. Times are those of the steps of this node that saw it first.
    package enum Phase: String, CaseIterable, Sendable {
        /// There is a reason for it.
        case began
        /// This node has frozen its shards and published how far they got.
        case wedged
        /// So has everybody whom this node hears, a majority, and all have promised the same ballot.
        case promised
        /// This node has proposed the next view, or accepted a proposal.
        case proposed
        case decided
        /// This node has installed the next view.
        case installed
        /// Every member has, so that updates go on.
        case formed
    }

    package struct Mark: Hashable, Sendable {
        package let phase: Phase
        package let time: Int64
    }

    /// One member does not hear another.
    package struct Accusation: Hashable, Sendable {
        package let accuser: MemberRecord
        package let accused: MemberRecord
        /// True if the kernel told the accuser that the other is dead.
        package let isDeath: Bool
    }

    /// What this node saw of it, in order of time: no phase twice, and perhaps not all.
    package private(set) var marks: [Mark] = []
    package private(set) var accusations: [Accusation] = []
    /// The last ballot that this node promised, 0 if none.
    package private(set) var ballot: UInt64 = 0
    /// What came of it; nil until it is decided.
    package internal(set) var installation: Installation?

    /// Who led the change: the owner of the ballot.
    package var leader: MemberRecord? {
        guard ballot > 0, let previous = installation?.previous else { return nil }
        return previous.members[previous.owner(of: ballot)]
    }

    mutating func mark(_ phase: Phase, at time: Int64) {
        guard !marks.contains(where: { $0.phase == phase }) else { return }
        marks.append(Mark(phase: phase, time: time))
    }

    /// A ballot begins: what the members have promised before counts no more.
    mutating func begin(_ ballot: UInt64) {
        guard ballot != self.ballot else { return }
        self.ballot = ballot
        marks.removeAll { $0.phase == .promised }
    }

    mutating func note(_ accusation: Accusation) {
        let known = accusations.firstIndex { $0.accuser == accusation.accuser && $0.accused == accusation.accused }
        // Who is silent first may be found dead later.
        if let known { accusations[known] = accusation } else { accusations.append(accusation) }
    }
}
