import HeapModule

/// The sessions of clients with a group, and what their last updates came to: state of the replica, equal on all of them
/// but for which ends this node has proposed.
///
/// An update that comes again, through whichever member, is answered with what it came to. A session ends when nothing was
/// heard of its client for as long as it lasts, by the time of the updates; after that none of its updates runs any more.
struct ClientSessions {
    /// More are refused.
    static let countMax = 4096
    /// So many updates of a session may be unanswered.
    static let windowMax: UInt64 = 64
    /// Results that take more than this together are not kept.
    static let keptBytesMax = 1 << 18
    /// How long a session may last without a word, in nanoseconds.
    static let timeouts: ClosedRange<Int64> = 100_000_000...86_400_000_000_000
    private static let name = "lockstep.sessions"

    fileprivate struct Session: Codable, Sendable {
        let timeout: Int64
        /// When it ends, if nothing is heard before.
        var due: Timestamp
        /// The client has the outcomes below this.
        var settled: UInt64 = 0
        var outcomes: [UInt64: ClientOutcome] = [:]
        var keptBytes = 0
    }

    /// A session's place in the order of time.
    private struct Alarm: Comparable {
        let due: Timestamp
        let key: SessionKey

        /// Those of one time have an order of their own, so that a simulation repeats.
        static func < (one: Alarm, other: Alarm) -> Bool {
            (one.due, one.key.opened, one.key.nonce) < (other.due, other.key.opened, other.key.nonce)
        }
    }

    /// What becomes of an update that has come.
    enum Admission: Equatable {
        /// It has not run yet.
        case runs
        /// It has, and came to this.
        case known(ClientOutcome)
        /// It has run, or was given up, and its client waits no more.
        case settled
        /// Its client has too many unanswered ones.
        case tooEarly
        /// There is no such session, or no more.
        case noSession
    }

    private var sessions: [SessionKey: Session] = [:]
    /// One for each session whose end was not proposed here, perhaps of an earlier time, and some of sessions that ended.
    private var alarms = Heap<Alarm>()

    init() {}

    var count: Int { sessions.count }

    // MARK: - In the order

    /// Opens a session; false if there are too many.
    mutating func open(_ key: SessionKey, timeout: Int64, at now: Timestamp) -> Bool {
        guard sessions.count < Self.countMax else { return false }
        let timeout = min(max(timeout, Self.timeouts.lowerBound), Self.timeouts.upperBound)
        let due = now + .nanoseconds(timeout)
        sessions[key] = Session(timeout: timeout, due: due)
        alarms.insert(Alarm(due: due, key: key))
        return true
    }

    /// Its client was heard; false if there is no such session.
    mutating func note(alive key: SessionKey, at now: Timestamp) -> Bool {
        guard let timeout = sessions[key]?.timeout else { return false }
        sessions[key]?.due = now + .nanoseconds(timeout)
        return true
    }

    /// Its client needs it no more; false if there is no such session.
    mutating func close(_ key: SessionKey) -> Bool { sessions.removeValue(forKey: key) != nil }

    /// Ends a session of which nothing was heard until now; false if something was, or if it has ended before.
    mutating func expire(_ key: SessionKey, at now: Timestamp) -> Bool {
        guard let due = sessions[key]?.due else { return false }
        guard due <= now else {
            // Its end may have been proposed here.
            alarms.insert(Alarm(due: due, key: key))
            if alarms.count > 2 * count + 64 { proposeAgain() }
            return false
        }
        sessions[key] = nil
        return true
    }

    /// An update of a client has come.
    mutating func admit(_ call: ClientCallID, at now: Timestamp) -> Admission {
        guard note(alive: call.session, at: now) else { return .noSession }
        sessions[call.session]?.settle(below: call.settled)
        guard let session = sessions[call.session], call.sequence >= session.settled else { return .settled }
        if let outcome = session.outcomes[call.sequence] { return .known(outcome) }
        return call.sequence - session.settled < Self.windowMax ? .runs : .tooEarly
    }

    /// An update that was admitted has run.
    mutating func note(_ outcome: ClientOutcome, of call: ClientCallID) {
        sessions[call.session]?.keep(outcome, of: call.sequence)
    }

    // MARK: - Proposing

    /// When the next session ends whose end was not proposed here, if nothing is heard of its client.
    mutating func nextDue() -> Timestamp? { nextAlarm()?.due }

    /// The next session that is due and was not proposed here; `propose` is false if it has to be asked again.
    mutating func proposeDue(at now: Timestamp, _ propose: (SessionKey) -> Bool) {
        while let alarm = nextAlarm(), alarm.due <= now, propose(alarm.key) { alarms.removeMin() }
    }

    /// Forgets what was proposed: it may have been lost.
    mutating func proposeAgain() {
        alarms = Heap(sessions.map { Alarm(due: $0.value.due, key: $0.key) })
    }

    private mutating func nextAlarm() -> Alarm? {
        while let alarm = alarms.min {
            guard let due = sessions[alarm.key]?.due else {
                alarms.removeMin()
                continue
            }
            if due == alarm.due { return alarm }
            // Its client was heard since.
            alarms.replaceMin(with: Alarm(due: due, key: alarm.key))
        }
        return nil
    }

    // MARK: - As state of the replica

    /// The words of an error may differ from replica to replica: only which updates have run counts.
    func hash(into hasher: inout StateHasher) {
        guard !sessions.isEmpty else { return }
        hasher.combine(sessions.reduce(into: 0 as UInt64) { $0 &+= $1.value.hash(as: $1.key) }, named: Self.name)
    }

    func write(to writer: inout StateWriter) {
        if !sessions.isEmpty { writer.write(sessions, named: Self.name) }
    }

    init(from reader: StateReader) throws {
        sessions = try reader.read(Self.name, or: [:])
        proposeAgain()
    }
}

extension ClientSessions.Session {
    /// Forgets the outcomes below a number.
    fileprivate mutating func settle(below number: UInt64) {
        guard number > settled else { return }
        settled = number
        for (sequence, outcome) in outcomes where sequence < number {
            outcomes[sequence] = nil
            keptBytes -= outcome.byteCount
        }
    }

    fileprivate mutating func keep(_ outcome: ClientOutcome, of sequence: UInt64) {
        let fits = keptBytes + outcome.byteCount <= ClientSessions.keptBytesMax
        let kept = fits ? outcome : .notKept
        outcomes[sequence] = kept
        keptBytes += kept.byteCount
    }

    fileprivate func hash(as key: SessionKey) -> UInt64 {
        // Which is known of `settled` and the number of those above it, but for their order.
        let executed = outcomes.keys.reduce(0 as UInt64) { $0 &+ StableHash.mix($1, 1) }
        let place = StableHash.mix(key.opened, key.nonce)
        return StableHash.mix(
            StableHash.mix(place, UInt64(bitPattern: due.nanoseconds)), StableHash.mix(settled, executed))
    }
}
