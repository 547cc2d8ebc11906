import LockstepFabric

// Rules 4 to 6: who leads, what is promised, proposed, accepted and decided.
extension MembershipMachine {
    /// The lowest rank that votes, that this member hears and that hears a majority.
    var leader: Int? {
        view.members.indices.first { rank in
            let member = view.members[rank]
            guard member.votes, hears(member) else { return false }
            let suspects = member == me ? suspects : row(of: member)?.suspects ?? PeerSet()
            return isMajority { !suspects.contains($0.peer) }
        }
    }

    var highestPromise: UInt64 {
        view.members.reduce(0) { max($0, slot(of: $1)?.promised ?? 0) }
    }

    mutating func promise(_ ballot: UInt64) { own.write(ballot, at: \.promised, of: view.number) }

    /// A higher promise in any row counts here too.
    mutating func raisePromise() -> Bool {
        guard highestPromise > ownSlot.promised else { return false }
        promise(highestPromise)
        return true
    }

    /// Takes a ballot of its own, and proposes in it when everybody it hears has promised it.
    mutating func lead() -> Bool {
        guard leader == rank else { return false }
        let promised = ownSlot.promised
        guard view.owner(of: promised) == rank else { return outbid(promised) }
        guard ownSlot.accepted != promised, let followers = followers(in: promised) else { return false }
        guard let decision = adoptable(from: followers) ?? fresh(from: followers) else { return false }
        write(decision, promised)
        return true
    }

    /// Takes a higher ballot, at once the first time, and later after waiting for longer than a ballot takes, so that
    /// of two leaders the lower one wins.
    private mutating func outbid(_ promised: UInt64) -> Bool {
        guard detector.awake >= ballots.retryAt else { return false }
        ballots.tries += 1
        ballots.retryAt = detector.awake + settings.backoff * (1 + Int64(rank)) * min(ballots.tries, 8)
        promise(view.ballot(of: rank, above: promised))
        return true
    }

    /// Everybody that this member hears, if all of them are wedged and have promised exactly this ballot, and they are a
    /// majority.
    func followers(in ballot: UInt64) -> [MemberRecord]? {
        let heard = view.members.filter { hears($0) }
        let areReady = heard.allSatisfy { member in
            slot(of: member).map { $0.isWedged && $0.promised == ballot } ?? false
        }
        return areReady && isMajority { heard.contains($0) } ? heard : nil
    }

    /// What was accepted in the highest ballot: `.some(nil)` if it cannot be read yet.
    private func adoptable(from followers: [MemberRecord]) -> Decision?? {
        guard rules.contains(.adopt) else { return nil }
        let slots = followers.compactMap { slot(of: $0) }.filter { $0.accepted > 0 }
        guard let highest = slots.max(by: { $0.accepted < $1.accepted }) else { return nil }
        return .some(highest.proposal(highest.accepted))
    }

    private mutating func write(_ decision: Decision, _ ballot: UInt64) {
        own.write(decision.words, to: \.proposal, number: ballot, of: view.number)
        own.write(ballot, at: \.accepted, of: view.number)
    }

    /// Takes over what the owner of a ballot proposes, unless a higher one was promised.
    mutating func accept() -> Bool {
        let (promised, accepted) = (ownSlot.promised, ownSlot.accepted)
        for (rank, member) in view.members.enumerated() where rank != self.rank {
            guard let slot = slot(of: member), slot.accepted > accepted, view.owner(of: slot.accepted) == rank else {
                continue
            }
            let ballot = slot.accepted
            guard ballot >= promised || !rules.contains(.promise), let decision = slot.proposal(ballot) else {
                continue
            }
            promise(max(ballot, promised))
            write(decision, ballot)
            return true
        }
        return false
    }

    /// What a majority of the rows accepted in the same ballot is decided.
    mutating func decide() -> Bool {
        for slot in view.members.compactMap({ slot(of: $0) }) where slot.accepted > 0 {
            let isDecided = isMajority { member in
                let accepted = self.slot(of: member)?.accepted ?? 0
                return accepted == slot.accepted || accepted > 0 && !rules.contains(.sameBallot)
            }
            if isDecided, let decision = slot.proposal(slot.accepted) { return settle(decision) }
        }
        return false
    }
}
