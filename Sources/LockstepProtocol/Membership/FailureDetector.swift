import LockstepFabric

/// Who is heard: a peer whose row keeps echoing my heartbeats, so that a link that is cut in one direction is noticed
/// at both ends.
///
/// It counts the time that this node was awake, not the time that passed: a node that was stopped, or woke up late,
/// accuses nobody for what it did not listen to. Nor does it accuse a peer of which the kernel says that it only waits
/// for a processor, for a while.
struct FailureDetector {
    private let settings: MembershipSettings
    private let rules: Rules
    private let me: Peer
    /// Awake since the start, as a time that begins with the start.
    private(set) var awake: Int64
    /// The latest step, by the clock that ``advance(to:)`` gets.
    private(set) var lastStep: Int64
    private(set) var nextBeat: Int64
    /// By place; few places are taken, and a step looks at those only.
    private var peers: [PeerState?] = Array(repeating: nil, count: Peer.countMax)
    private var known = PeerSet()
    /// Those to whom there is a channel.
    private(set) var connected = PeerSet()

    private struct PeerState {
        let incarnation: UInt64
        var row: MembershipRow
        /// I sent the latest heartbeat that it has echoed at this time, or connected then.
        var heardAt: Int64
        /// True until it has echoed anything: it may not have begun yet.
        var isNew = true
        var lastHeartbeat: UInt64 = 0
        var isDead = false
        /// Until then it is heard all the same.
        var excusedUntil = Int64.min
    }

    init(me: Peer, settings: MembershipSettings, rules: Rules, now: Int64) {
        self.me = me
        self.settings = settings
        self.rules = rules
        (awake, lastStep, nextBeat) = (now, now, now)
    }

    // MARK: - Events

    mutating func connect(_ peer: Peer, incarnation: UInt64, _ row: MembershipRow) {
        if peers[peer.index]?.incarnation == incarnation {
            // A channel that is there again says nothing about who is at its end.
            peers[peer.index]?.row = row
        } else {
            peers[peer.index] = PeerState(incarnation: incarnation, row: row, heardAt: awake)
        }
        known.insert(peer)
        connected.insert(peer)
    }

    mutating func disconnect(_ peer: Peer, incarnation: UInt64) {
        if peers[peer.index]?.incarnation == incarnation { connected.remove(peer) }
    }

    mutating func bury(_ peer: Peer, incarnation: UInt64) {
        if peers[peer.index]?.incarnation == incarnation { peers[peer.index]?.isDead = true }
    }

    mutating func endGrace(_ peer: Peer, incarnation: UInt64) {
        if peers[peer.index]?.incarnation == incarnation { peers[peer.index]?.isNew = false }
    }

    /// It gets no processor. That holds for so long as a step may be late, and has to be said again.
    mutating func excuse(_ peer: Peer, incarnation: UInt64) {
        let end = awake + wakefulMax
        if peers[peer.index]?.incarnation == incarnation { peers[peer.index]?.excusedUntil = end }
    }

    /// Its memory is not read any more.
    mutating func forget(_ peer: Peer, incarnation: UInt64) {
        guard peers[peer.index]?.incarnation == incarnation else { return }
        peers[peer.index] = nil
        known.remove(peer)
        connected.remove(peer)
    }

    // MARK: - Time

    /// As much time as a node that is awake may miss between two steps.
    private var wakefulMax: Int64 { 2 * settings.heartbeatInterval }

    /// Who comes later than that was stopped, and perhaps the others with it: that counts as one heartbeat, so that there
    /// are some left until a peer that wakes up later is accused.
    private func awake(at now: Int64) -> Int64 {
        let gap = max(0, now - lastStep)
        return awake + (gap > wakefulMax ? settings.heartbeatInterval : gap)
    }

    /// Lets time pass.
    mutating func advance(to now: Int64) {
        awake = awake(at: now)
        lastStep = now
        for peer in known { listen(to: peer) }
    }

    private mutating func listen(to peer: Peer) {
        guard var state = peers[peer.index] else { return }
        if rules.contains(.hearing) {
            let echo = Int64(clamping: state.row.echo(of: me).beat)
            if echo > state.heardAt, echo <= awake { (state.heardAt, state.isNew) = (echo, false) }
        } else if state.row.heartbeat > state.lastHeartbeat {
            (state.lastHeartbeat, state.heardAt, state.isNew) = (state.row.heartbeat, awake, false)
        }
        peers[peer.index] = state
    }

    /// True once each interval: then a heartbeat is due.
    mutating func isBeatDue() -> Bool {
        guard awake >= nextBeat else { return false }
        nextBeat = awake + settings.heartbeatInterval
        return true
    }

    /// When it wants to be asked again, by the clock that ``advance(to:)`` gets.
    var deadline: Int64 { lastStep + nextBeat - awake }

    // MARK: - Answers

    func isConnected(_ member: MemberRecord) -> Bool { state(of: member) != nil && connected.contains(member.peer) }

    func hears(_ member: MemberRecord) -> Bool {
        guard connected.contains(member.peer), let state = state(of: member), !state.isDead else { return false }
        let silence = awake - state.heardAt
        return silence <= patience(with: state) || awake <= state.excusedUntil && silence <= settings.starvationMax
    }

    private func patience(with state: PeerState) -> Int64 { settings.timeout + (state.isNew ? settings.grace : 0) }

    /// Those who are silent in a step at this time, and may have an excuse.
    func overdue(at now: Int64) -> PeerSet {
        let awake = awake(at: now)
        var overdue = PeerSet()
        for peer in connected {
            guard let state = peers[peer.index], !state.isDead else { continue }
            let silence = awake - state.heardAt
            if silence > patience(with: state) && silence <= settings.starvationMax { overdue.insert(peer) }
        }
        return overdue
    }

    /// True if the kernel says so.
    func isDead(_ member: MemberRecord) -> Bool { state(of: member)?.isDead == true }

    /// The row of a member, also if it is not heard: what it says is true. Nil if there is no mirror of it.
    func row(of member: MemberRecord) -> MembershipRow? { state(of: member)?.row }

    /// What the first row that has an answer says, among the rows of everybody who was ever connected, members or not.
    func firstAnswer<Answer>(_ answer: (MembershipRow) -> Answer?) -> Answer? {
        for peer in known {
            if let row = row(at: peer), let answer = answer(row) { return answer }
        }
        return nil
    }

    func row(at peer: Peer) -> MembershipRow? { peers[peer.index]?.row }

    private func state(of member: MemberRecord) -> PeerState? {
        guard let state = peers[member.peer.index], state.incarnation == member.incarnation else { return nil }
        return state
    }
}

/// The times by which a membership goes, in nanoseconds.
package struct MembershipSettings: Hashable, Sendable {
    /// Who has not been heard for so long is suspected.
    package var timeout: Int64
    package var heartbeatInterval: Int64
    /// Longer than a ballot takes: who is outbid waits for so long, or for a multiple, before it tries again.
    package var backoff: Int64
    /// How much longer a peer may be silent that has just been connected: it may not have begun yet.
    package var grace: Int64

    /// For how long a peer may be silent that only gets no processor.
    var starvationMax: Int64 { 20 * timeout }
    /// How long a lease lasts by its holder's clock: so that it is over, and the grant as well, when the holder has been
    /// silent for the timeout.
    var leaseTerm: Int64 { timeout - timeout / 4 }
    /// How long a grant lasts by its giver's: clocks may go a tenth faster or slower than each other.
    var grantTerm: Int64 { leaseTerm + leaseTerm / 10 }

    package init(
        timeout: Int64 = 100_000_000, heartbeatInterval: Int64 = 10_000_000, backoff: Int64 = 5_000_000,
        grace: Int64 = 0
    ) {
        precondition(
            heartbeatInterval > 0 && timeout >= 4 * heartbeatInterval && backoff > 0,
            "a timeout must be at least four heartbeats, so that one late heartbeat accuses nobody"
        )
        self.timeout = timeout
        self.heartbeatInterval = heartbeatInterval
        self.backoff = backoff
        self.grace = grace
    }
}
