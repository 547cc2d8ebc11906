import LockstepFabric

// Rule 7: from a decision to the next view; and what the rows say of both.
extension MembershipMachine {
    /// Publishes a decision, and goes with it.
    mutating func settle(_ decision: Decision) -> Bool {
        own.write(decision.words, to: \.decision, number: 0, of: view.number)
        own.write(1, at: \.decided, of: view.number)
        return enter(view.next(decision), decision)
    }

    private mutating func enter(_ next: MembershipView, _ decision: Decision) -> Bool {
        let previous = view
        let isJoining = role == .learner
        guard next.rank(of: me) != nil else {
            if isJoining {
                view = next
            } else if decision.leavers.contains(me.peer) {
                phase = .leaving(next: next)
            } else {
                return end(.replaced(view: next.number))
            }
            return true
        }
        firstHolders = decision.holders
        let installation = Installation(view: next, previous: previous, decision: decision, isJoining: isJoining)
        noteDecided(installation)
        (view, role, phase, ballots, hasFormed) = (next, .member, .installing, Ballots(), false)
        isChangeWanted = false
        hasLostData = rules.contains(.channel) && next.members.contains { $0 != me && !detector.isConnected($0) }
        own.begin(next.number)
        if firstHolders.contains(me.peer) { own.write(1, at: \.holding, of: next.number) }
        if isJoining { own.write(0, at: layout.ready) }
        effects.append(.install(installation))
        noteSuspects()
        return true
    }

    /// True if everybody that is heard has begun a view.
    func isKnown(_ next: MembershipView) -> Bool {
        next.members.allSatisfy { !hears($0) || row(of: $0)?.slot(next.number).tagged ?? 0 >= next.number }
    }

    mutating func end(_ exclusion: Exclusion) -> Bool {
        role = .out(exclusion)
        effects.append(.excluded(exclusion))
        return true
    }

    // MARK: - What the rows say

    /// True until the host has installed the view.
    package var isInstalling: Bool { phase == .installing }

    package var isOut: Bool { if case .out = role { true } else { false } }

    /// Rule 2: true if this member hears a majority of its view.
    package var hasMajority: Bool {
        !rules.contains(.stop) || isMajority { !suspects.contains($0.peer) }
    }

    var rank: Int { view.rank(of: me) ?? view.members.count }

    func isMajority(_ isLikeThis: (MemberRecord) -> Bool) -> Bool {
        guard rules.contains(.votes) else { return 2 * view.members.count(where: isLikeThis) > view.members.count }
        // Half of them is as good as more if the others are not a majority: two halves must not be one.
        return view.isMajority(isLikeThis) || !rules.contains(.majority) && !view.isMajority { !isLikeThis($0) }
    }

    func hears(_ member: MemberRecord) -> Bool { member == me || detector.hears(member) }

    func row(of member: MemberRecord) -> MembershipRow? {
        member == me ? own.reader : detector.row(of: member)
    }

    func slot(of member: MemberRecord) -> MembershipSlot? { row(of: member)?.slot(view.number) }

    var ownSlot: MembershipSlot { own.reader.slot(view.number) }

    /// Rule 8: a view so much later that nobody keeps what was decided in this one.
    func laterView() -> UInt64? {
        detector.firstAnswer { row in
            let tagged = row.slot(view.number).tagged
            return tagged > view.number ? tagged : nil
        }
    }

    /// Rule 6: what any row says was decided in this view. All members of it who knew may be dead, and only somebody who
    /// came after it left.
    func publishedDecision() -> Decision? {
        detector.firstAnswer { $0.slot(view.number).decision }
    }
}
