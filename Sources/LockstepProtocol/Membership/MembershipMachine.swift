import LockstepFabric

/// One node's part in the agreement on views: quorum epochs.
///
/// Members that suspect anybody, or want a change, **wedge** the view: they freeze what they have received. Then they
/// take one decision, on the next members and on the trims together, by ballots and a majority of the view: Paxos,
/// once an epoch, over rows that one node writes and the others read. `docs/membership.md` has the rules.
///
/// This is a plain value, which nobody copies: it does no I/O, owns no thread and reads no clock. The host calls
/// ``step(now:)`` when a peer has pushed, when something was noted, and at the ``deadline``, and does what the effects
/// say.
package struct MembershipMachine: ~Copyable {
    /// Where a member is in its view.
    enum Phase: Equatable {
        /// The host has not finished installing the view.
        case installing
        case running
        /// The host was told to freeze its shards.
        case wedging
        /// The finals are published.
        case wedged
        /// It was decided that this node has left; it stays until the survivors know it.
        case leaving(next: MembershipView)
    }

    package enum Role: Hashable, Sendable {
        /// Outside the views, follows them, and is proposed when it is ready.
        case learner
        case member
        case out(Exclusion)
    }

    package let me: MemberRecord
    package internal(set) var role: Role
    /// The last view that this node knows.
    package internal(set) var view: MembershipView
    /// The members of the view that this node does not hear.
    package private(set) var suspects = PeerSet()
    let rules: Rules
    private(set) var layout: MembershipLayout
    let settings: MembershipSettings
    var phase = Phase.installing
    var detector: FailureDetector
    var leases: Leases
    /// A leader waits until then, by the clock of ``step(now:)``, for a lease of somebody whom it is about to leave out.
    var grantsEnd: Int64?
    var own: OwnMembershipRow
    var ballots = Ballots()
    var effects: [MembershipEffect] = []
    private var reportedMajority = true
    var hasFormed = false
    /// The members that had the state of the view when it began.
    var firstHolders = PeerSet()
    /// True if the next view has something to change that is neither a member nor a newcomer.
    var isChangeWanted = false
    /// The host's own clock, which goes into what this node proposes and means nothing here.
    package var hostTime: UInt64 = 0
    /// A channel was not there, or broke, since the view began: some of its data may be lost.
    var hasLostData = false
    /// The change that ends this view, as far as it is.
    var change = ViewChangeTrace()
    /// The one that led to this view, until every member has installed it.
    var lastChange: ViewChangeTrace?
    var report: ViewChangeTrace?

    /// How this node tries to lead.
    struct Ballots {
        var tries: Int64 = 0
        var retryAt: Int64 = .min
    }

    /// A node in the first view, or one outside that follows from a view it was told of.
    package init(
        me: MemberRecord, view: MembershipView, region: Region, layout: MembershipLayout,
        settings: MembershipSettings = MembershipSettings(), rules: Rules = .all, now: Int64
    ) {
        self.me = me
        self.view = view
        self.layout = layout
        self.layout.slotCount = rules.contains(.slots) ? 2 : 1
        self.settings = settings
        self.rules = rules
        role = view.rank(of: me) == nil ? .learner : .member
        detector = FailureDetector(me: me.peer, settings: settings, rules: rules, now: now)
        leases = Leases(settings: settings, now: now)
        own = OwnMembershipRow(layout: self.layout, region: region, publishesAhead: rules.contains(.ahead))
        own.write(me.incarnation, at: layout.incarnation)
        if role == .member {
            own.begin(view.number)
            own.write(1, at: \.holding, of: view.number)
            firstHolders = view.peers
        }
    }

    // MARK: - What happened

    /// There is a channel to a peer, for the first time or again, and its region can be read.
    package mutating func noteConnected(_ peer: Peer, incarnation: UInt64, _ mirror: Mirror) {
        detector.connect(peer, incarnation: incarnation, MembershipRow(layout: layout, mirror: mirror))
        own.write(0, at: layout.echo(of: peer))
        effects.append(.push(own.everything(near: view.number), to: PeerSet([peer])))
    }

    /// The channel to a peer broke: what was pushed may be lost.
    package mutating func noteBroken(_ peer: Peer, incarnation: UInt64) {
        detector.disconnect(peer, incarnation: incarnation)
        let isMember = view.members.contains { $0.peer == peer && $0.incarnation == incarnation }
        if isMember && rules.contains(.channel) { hasLostData = true }
    }

    /// The kernel says that a peer's process has ended.
    package mutating func noteDead(_ peer: Peer, incarnation: UInt64) {
        detector.bury(peer, incarnation: incarnation)
    }

    /// Nothing comes of a peer any more, as far as is known here: it has no more time to begin than others have to go on.
    package mutating func noteLost(_ peer: Peer, incarnation: UInt64) {
        detector.endGrace(peer, incarnation: incarnation)
    }

    /// The kernel says that a peer lacks nothing but a processor. It is excused in the next step, and as long as it is in
    /// ``overdue(at:)`` this must be said before each.
    package mutating func noteStarved(_ peer: Peer, incarnation: UInt64) {
        detector.excuse(peer, incarnation: incarnation)
    }

    /// This learner is up to date and wants to be a member.
    package mutating func noteReady() {
        precondition(role == .learner, "only a learner becomes a member")
        own.write(me)
    }

    /// The memory of a node that is in no view any more goes away.
    package mutating func noteForgotten(_ peer: Peer, incarnation: UInt64) {
        detector.forget(peer, incarnation: incarnation)
    }

    /// Something that a view decides is to change, though nobody joins or leaves. All members know it.
    package mutating func noteChangeWanted(in number: UInt64) {
        if number == view.number { isChangeWanted = true }
    }

    /// This member wants to leave.
    package mutating func noteLeaving() { own.write(1, at: layout.leaving) }

    /// All shards of the view are frozen, this far.
    package mutating func noteWedged(_ finals: [ShardFinal]) {
        guard role == .member, phase == .wedging else { return }
        own.write(ShardFinal.words(finals), to: \.finals, number: 0, of: view.number)
        own.write(1, at: \.wedged, of: view.number)
        promise(max(highestPromise, UInt64(leader ?? rank) + 1))
        phase = .wedged
    }

    /// The host has installed the view, with all the state that it needs. Once it has reported its finals that is too late.
    package mutating func noteInstalled(_ number: UInt64) {
        guard role == .member, view.number == number, phase != .wedged else { return }
        own.write(1, at: \.installed, of: number)
        own.write(1, at: \.holding, of: number)
        if phase == .installing { phase = .running }
    }

    // MARK: - Stepping

    /// When to step again if nothing happens, by the clock of ``step(now:)``.
    package var deadline: Int64 { isOut ? .max : min(detector.deadline, grantsEnd ?? .max) }

    /// Those whom a step at this time suspects, unless they are starved.
    package func overdue(at now: Int64) -> PeerSet { detector.overdue(at: now) }

    /// Looks at the rows and goes as far as possible.
    package mutating func step(now: Int64) -> [MembershipEffect] {
        guard !isOut else { return takeEffects() }
        detector.advance(to: now)
        leases.begin(now)
        grantsEnd = nil
        takeGrants()
        noteSuspects()
        observe()
        if detector.isBeatDue() { beat() }
        while advance() { observe() }
        return takeEffects()
    }

    /// How the latest change of views went, once: when every member has installed the view, or when that ends before.
    package mutating func takeReport() -> ViewChangeTrace? { report.take() }

    private mutating func advance() -> Bool {
        if isOut { return false }
        if case .leaving(let next) = phase { return isKnown(next) && end(.left) }
        if let decision = publishedDecision() { return settle(decision) }
        if let forgotten = laterView() { return end(.forgotten(view: forgotten)) }
        if isLastToLeave { return end(.left) }
        // Rule 9: a node outside reads what was decided, view after view, until one has it.
        guard role == .member else { return false }
        switch phase {
        case .wedging, .leaving: return false
        case .installing, .running:
            reportFormed()
            return wedgeIfNeeded()
        case .wedged: return accept() || raisePromise() || lead() || decide()
        }
    }

    private mutating func takeEffects() -> [MembershipEffect] {
        let publications = own.takePublications()
        defer { effects = [] }
        guard !publications.isEmpty else { return effects }
        // First, so that who leaves has told what it knows.
        return [.push(publications, to: detector.connected)] + effects
    }

    private mutating func beat() {
        let beat = UInt64(detector.awake)
        own.write(beat, at: layout.heartbeat)
        leases.noteBeat(beat)
        for peer in detector.connected {
            let heartbeat = detector.row(at: peer)?.heartbeat ?? 0
            let grantee = grants(peer)
            if let grantee { leases.give(heartbeat, to: grantee) }
            let echo = Echo(heartbeat, isGrant: grantee != nil)
            own.write(echo.word, at: layout.echo(of: peer))
        }
    }

    mutating func noteSuspects() {
        guard role == .member else { return }
        noteDead(view.members.reduce(into: PeerSet()) { if detector.isDead($1) { $0.insert($1.peer) } })
        let silent = PeerSet(bits: view.members.reduce(0) { $0 | (hears($1) ? 0 : 1 << $1.peer.index) })
        if silent != suspects {
            suspects = silent
            own.write(suspects.bits, at: layout.suspects)
            effects.append(.suspects(suspects))
        }
        if hasMajority != reportedMajority {
            reportedMajority = hasMajority
            effects.append(.majority(hasMajority))
        }
    }

    private mutating func noteDead(_ dead: PeerSet) {
        if dead != own.reader.dead { own.write(dead.bits, at: layout.dead) }
    }

    /// Rule 3: on any suspicion, with any member that has wedged, or to lead a change.
    private mutating func wedgeIfNeeded() -> Bool {
        let isWedgedElsewhere = view.members.contains { slot(of: $0)?.isWedged == true }
        let wantsChange = hasFormed && leader == rank && wantsChange
        guard hasLostData || !suspects.isEmpty || isWedgedElsewhere || wantsChange else { return false }
        phase = .wedging
        effects.append(.wedge(view: view.number))
        return true
    }

    private mutating func reportFormed() {
        guard !hasFormed, phase == .running, view.members.allSatisfy({ slot(of: $0)?.isInstalled == true }) else {
            return
        }
        hasFormed = true
        effects.append(.formed(view: view.number))
    }
}
