import LockstepFabric

// Rule 5: what a leader proposes when nothing was accepted before.
extension MembershipMachine {
    /// True if the leader has reason to change a view in which nobody is missing.
    var wantsChange: Bool {
        isChangeWanted || !leavers(among: view.members).isEmpty || !newcomers(besides: view.members).isEmpty
    }

    /// True if this member leaves, and no view can begin without it: it alone votes, and has accepted nothing.
    var isLastToLeave: Bool {
        role == .member && own.reader.isLeaving && ownSlot.accepted == 0
            && view.members.allSatisfy { $0.votes == ($0 == me) } && leavers(among: view.members).isEmpty
    }

    /// Nil if it would be less than a majority, or nobody who has the state, or if somebody who is left out may still
    /// answer queries.
    mutating func fresh(from followers: [MemberRecord]) -> Decision? {
        let compatible = compatible(followers)
        // Who leaves of its own will has its say in this decision, so it counts.
        guard isMajority({ compatible.contains($0) }) || !rules.contains(.quorum) else { return nil }
        guard let finals = finals(of: compatible) else { return nil }
        var leavers = leavers(among: compatible)
        leavers = leavers.subtracting(lastReplicas(in: finals, of: compatible, leavers))
        // It stays once more if too few have the state that it takes with it.
        if surplus(of: compatible.filter({ !leavers.contains($0.peer) })) <= 0 { leavers = PeerSet() }
        let survivors = compatible.filter { !leavers.contains($0.peer) }
        guard hasHolder(survivors), !mayBeRead(without: survivors) else { return nil }
        let peers = PeerSet(survivors.map(\.peer))
        let dead = PeerSet(bits: survivors.reduce(0) { $0 | (row(of: $1)?.dead.bits ?? 0) })
        var decision = Decision(
            survivors: peers, leavers: leavers, holders: PeerSet(holders(survivors)), dead: dead.subtracting(peers),
            time: hostTime, trims: trims(of: peers, finals))
        for newcomer in newcomers(besides: survivors) {
            decision.newcomers.append(newcomer)
            if decision.words.count > layout.capacity { decision.newcomers.removeLast() }
        }
        return decision
    }

    // MARK: - Survivors

    /// Those who leave of their own will and are heard. If nobody stays who votes, the leader does until the others have
    /// left.
    private func leavers(among members: [MemberRecord]) -> PeerSet {
        let leavers = members.reduce(into: PeerSet()) { if row(of: $1)?.isLeaving == true { $0.insert($1.peer) } }
        let hasHeirs = leavers.isEmpty || members.contains { $0.votes && !leavers.contains($0.peer) }
        return hasHeirs ? leavers : leavers.subtracting(PeerSet([me.peer]))
    }

    /// Those who leave with the last of a shard that is known, though not all of its members leave: who is missing may
    /// go on to deliver without a lease, since no view begins without a member of the shard.
    private func lastReplicas(
        in finals: [Peer: [ShardFinal]], of compatible: [MemberRecord], _ leavers: PeerSet
    ) -> PeerSet {
        let peers = PeerSet(compatible.map(\.peer))
        let survivors = peers.subtracting(leavers)
        let lasting = finals.values.joined().map(\.members).filter { members in
            members.intersection(survivors).isEmpty && !members.subtracting(peers).isEmpty
        }
        return lasting.reduce(PeerSet()) { $0.union($1) }.intersection(leavers)
    }

    private func suspects(of member: MemberRecord) -> PeerSet {
        member == me ? suspects : row(of: member)?.suspects ?? PeerSet()
    }

    private func isAccusation(between one: MemberRecord, and other: MemberRecord) -> Bool {
        suspects(of: one).contains(other.peer) || suspects(of: other).contains(one.peer)
    }

    /// Followers that do not accuse each other: the leader itself, those who vote in rank order, and then the others. If
    /// those are too few, what is left when the most accused are taken away.
    private func compatible(_ followers: [MemberRecord]) -> [MemberRecord] {
        var taken = [me]
        for next in followers.filter(\.votes) + followers.filter({ !$0.votes }) where next != me {
            if !taken.contains(where: { isAccusation(between: $0, and: next) }) { taken.append(next) }
        }
        if !isMajority({ taken.contains($0) }) { taken = withoutMostAccused(followers) }
        return view.members.filter { taken.contains($0) }
    }

    private func withoutMostAccused(_ followers: [MemberRecord]) -> [MemberRecord] {
        var rest = followers
        func accusations(_ member: MemberRecord) -> Int {
            rest.count { $0 != member && isAccusation(between: $0, and: member) }
        }
        while let index = rest.indices.filter({ rest[$0] != me }).max(by: {
            accusations(rest[$0]) < accusations(rest[$1])
        }),
            accusations(rest[index]) > 0
        {
            rest.remove(at: index)
        }
        return rest
    }

    // MARK: - Newcomers

    /// The learners that are ready and connected with everybody; of those who vote, no more than there are survivors with
    /// the state that do: any majority of the next view has one of those.
    private func newcomers(besides survivors: [MemberRecord]) -> [MemberRecord] {
        let others = detector.connected.subtracting(PeerSet(survivors.lazy.map(\.peer)))
        // In every step of a leader at rest.
        guard !others.isEmpty else { return [] }
        var room = surplus(of: survivors)
        var all = survivors
        for peer in others {
            guard let newcomer = row(at: peer)?.newcomer, room > 0 || !newcomer.votes, hears(newcomer),
                all.allSatisfy({ areConnected($0, newcomer) })
            else { continue }
            all.append(newcomer)
            if newcomer.votes { room -= 1 }
        }
        return Array(all.dropFirst(survivors.count))
    }

    /// True if one of them has the state of the view, or nobody has it any more. Who is only silent may come back.
    private func hasHolder(_ survivors: [MemberRecord]) -> Bool {
        !rules.contains(.holder) || !holders(survivors).isEmpty
            || view.members.allSatisfy { !holds($0) || detector.isDead($0) }
    }

    private func holders(_ members: [MemberRecord]) -> [Peer] { members.filter { holds($0) }.map(\.peer) }

    /// True if a member has the state of the view, as far as it can be known: a row that cannot be read may say more.
    private func holds(_ member: MemberRecord) -> Bool {
        firstHolders.contains(member.peer) || slot(of: member)?.isHolding == true
    }

    /// How many more of the members that vote have the state of the view than have not got it yet.
    private func surplus(of members: [MemberRecord]) -> Int {
        let voters = members.filter(\.votes)
        return 2 * holders(voters).count - voters.count
    }

    private func row(at peer: Peer) -> MembershipRow? { detector.row(at: peer) }

    /// True if both have seen a heartbeat of the other.
    private func areConnected(_ one: MemberRecord, _ other: MemberRecord) -> Bool {
        guard let oneRow = row(of: one), let otherRow = row(of: other) else { return false }
        return oneRow.echo(of: other.peer).beat > 0 && otherRow.echo(of: one.peer).beat > 0
    }

    // MARK: - Trims

    /// What each reported as it wedged. Nil if something cannot be read yet.
    private func finals(of members: [MemberRecord]) -> [Peer: [ShardFinal]]? {
        var finals: [Peer: [ShardFinal]] = [:]
        for member in members {
            guard let list = slot(of: member)?.finals else { return nil }
            finals[member.peer] = list
        }
        return finals
    }

    /// For every shard that a survivor knows, the least final over its members among the survivors. A delivery needs
    /// `received` of all members, so no member has delivered more than any final.
    private func trims(of survivors: PeerSet, _ finals: [Peer: [ShardFinal]]) -> [Decision.Trim] {
        var positions: [Int: [Peer: UInt64]] = [:]
        var members: [Int: PeerSet] = [:]
        for survivor in survivors {
            for final in finals[survivor] ?? [] {
                positions[final.shard, default: [:]][survivor] = final.position
                members[final.shard] = final.members
            }
        }
        return members.sorted { $0.key < $1.key }.map { shard, members in
            let positions = members.intersection(survivors).map { positions[shard]?[$0] ?? 0 }
            let trim = rules.contains(.trim) ? positions.min() : positions.max()
            return Decision.Trim(shard: shard, position: trim ?? 0)
        }
    }
}
