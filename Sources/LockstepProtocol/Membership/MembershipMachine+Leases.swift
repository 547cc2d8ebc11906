import LockstepFabric

// Leased reads: the rules of `Leases`, in the machine.
extension MembershipMachine {
    /// Until when, by the clock of ``step(now:)``, no later view can have begun without this member: `.max` if it is
    /// alone. Who has wedged its view must not rely on it.
    ///
    /// To be looked at after what is read has been waited for.
    package var leaseEnd: Int64 {
        guard role == .member, phase == .running else { return .min }
        return leases.end(grantedBy: view.members, besides: me)
    }

    /// True if what a shard of these members delivers cannot be passed over by a later view: all the others are no
    /// majority, without which there is none, or this member is certain that there is none without it.
    package func mayDeliver(to members: PeerSet, at now: Int64) -> Bool {
        !rules.isSuperset(of: [.stop, .few]) || !view.isMajority { !members.contains($0.peer) } || now < leaseEnd
    }

    /// Takes note of what the others have granted.
    mutating func takeGrants() {
        guard role == .member else { return }
        for member in view.members where member != me {
            guard let echo = row(of: member)?.echo(of: me.peer), echo.isGrant else { continue }
            leases.noteTaken(echo.beat, from: member)
        }
    }

    /// True if this member promises a peer not to go on without it: only who is in no change of views does.
    func grants(_ peer: Peer) -> MemberRecord? {
        guard role == .member, phase == .installing || phase == .running, suspects.isEmpty else { return nil }
        return view.members.first { $0.peer == peer && detector.row(of: $0) != nil }
    }

    /// True if somebody who would be left out may still hold a lease; the machine looks again when it is over. Who is
    /// dead, or has wedged, answers nothing.
    mutating func mayBeRead(without survivors: [MemberRecord]) -> Bool {
        guard rules.contains(.grant) else { return false }
        let ends = view.members.filter { !survivors.contains($0) }.compactMap { member in
            detector.isDead(member) || slot(of: member)?.isWedged == true ? nil : leases.waitsFor(member)
        }
        grantsEnd = ends.max()
        return grantsEnd != nil
    }
}
