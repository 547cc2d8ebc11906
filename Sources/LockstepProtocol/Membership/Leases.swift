import LockstepFabric

/// What lets a member answer queries without asking anybody: the others have promised not to go on without it for a
/// while. A member gives that promise, a **grant**, with the echo of a heartbeat.
///
/// A lease counts from when the heartbeat was sent that every other member has granted, by the holder's clock; a grant
/// from when it was given at the latest, by the grantor's, and it lasts longer by as much as clocks may differ
/// (Gray and Cheriton, *Leases*, 1989). Nobody needs to know who leads: a lease needs the grants of all.
struct Leases {
    private let settings: MembershipSettings
    private var now: Int64
    /// When this node sent its last heartbeats, the latest last.
    private var beats: [(beat: UInt64, at: Int64)] = []
    /// By place: what this node knows of the grants from and to a peer.
    private var peers: [Grants?] = Array(repeating: nil, count: Peer.countMax)
    /// To whom a grant was given in this step: it may take until the next for them to be published.
    private var justGiven = PeerSet()

    private struct Grants {
        let incarnation: UInt64
        /// When this node sent the latest heartbeat that the peer has granted.
        var taken: Int64?
        /// The latest heartbeat of the peer that this node has granted, and when, at the latest.
        var givenBeat: UInt64 = 0
        var given: Int64?
    }

    init(settings: MembershipSettings, now: Int64) {
        self.settings = settings
        self.now = now
    }

    /// A step begins: what the last one wrote has been published by now.
    mutating func begin(_ now: Int64) {
        self.now = now
        for peer in justGiven { peers[peer.index]?.given = now }
        justGiven = PeerSet()
    }

    // MARK: - The holder

    mutating func noteBeat(_ beat: UInt64) {
        beats.append((beat, now))
        beats.removeAll { $0.at < now - settings.leaseTerm }
    }

    /// A peer's row echoes a heartbeat, and grants it.
    mutating func noteTaken(_ beat: UInt64, from member: MemberRecord) {
        guard let sent = beats.last(where: { $0.beat == beat }) else { return }
        change(member) { $0.taken = sent.at }
    }

    /// When the lease ends that all these have granted, but for its holder.
    func end(grantedBy members: [MemberRecord], besides holder: MemberRecord) -> Int64 {
        var end = Int64.max
        for member in members where member != holder {
            end = min(end, grants(of: member)?.taken.map { $0 + settings.leaseTerm } ?? .min)
        }
        return end
    }

    // MARK: - The grantor

    /// Grants a heartbeat. What was granted before gives nothing more.
    mutating func give(_ beat: UInt64, to member: MemberRecord) {
        guard grants(of: member)?.givenBeat != beat else { return }
        change(member) { $0.givenBeat = beat }
        justGiven.insert(member.peer)
    }

    /// When nothing that this node has granted to a member is left; nil if that is now.
    func waitsFor(_ member: MemberRecord) -> Int64? {
        guard let given = justGiven.contains(member.peer) ? now : grants(of: member)?.given else { return nil }
        let end = given + settings.grantTerm
        return now < end ? end : nil
    }

    // MARK: - Peers

    private func grants(of member: MemberRecord) -> Grants? {
        guard let grants = peers[member.peer.index], grants.incarnation == member.incarnation else { return nil }
        return grants
    }

    private mutating func change(_ member: MemberRecord, _ body: (inout Grants) -> Void) {
        var grants = grants(of: member) ?? Grants(incarnation: member.incarnation)
        body(&grants)
        peers[member.peer.index] = grants
    }
}

/// How a row echoes a heartbeat of a peer: in one word, so that nobody sees an echo with an older grant.
struct Echo {
    /// The heartbeat, 0 if there was none.
    let beat: UInt64
    let isGrant: Bool

    init(_ beat: UInt64, isGrant: Bool) { (self.beat, self.isGrant) = (beat, isGrant) }

    init(word: UInt64) { (beat, isGrant) = (word >> 1, word & 1 == 1) }

    var word: UInt64 { beat << 1 | (isGrant ? 1 : 0) }
}
