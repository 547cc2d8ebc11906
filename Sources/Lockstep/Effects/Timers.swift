import HeapModule

/// The timers of a replica: state, equal on all of them, but for which of them this node has proposed.
struct Timers {
    /// A call of the group's own actor, to come.
    struct Timer: Codable, Sendable {
        let due: Timestamp
        /// The message of the call.
        let call: [UInt8]
    }

    /// A timer's place in the order of time.
    private struct Alarm: Comparable {
        let due: Timestamp
        let place: EffectID.Place

        static func < (one: Alarm, other: Alarm) -> Bool { (one.due, one.place) < (other.due, other.place) }
    }

    static let countMax = 1 << 20
    private static let name = "lockstep.timers"

    private var standing: StandingEffects<Timer>
    /// Those that were not proposed here yet, and some that do not stand any more.
    private var alarms = Heap<Alarm>()

    init() { standing = StandingEffects() }

    var count: Int { standing.count }

    mutating func set(_ timer: Timer, at place: EffectID.Place) throws(LockstepError) {
        guard count < Self.countMax else {
            throw LockstepError(
                .outboxFull, "The group has \(count) timers, which is the most: cancel those that are not needed."
            )
        }
        standing.add(timer, at: place)
        alarms.insert(Alarm(due: timer.due, place: place))
    }

    /// Takes a timer that is due, or that is cancelled; nil if it does not stand any more.
    mutating func take(_ place: EffectID.Place) -> Timer? {
        defer { if alarms.count > 2 * count + 64 { proposeAgain() } }
        return standing.remove(place)
    }

    // MARK: - Proposing

    /// When the next timer that was not proposed here is due.
    mutating func nextDue() -> Timestamp? { nextAlarm()?.due }

    /// The next timer that is due and was not proposed here; `propose` is false if it has to be asked again.
    mutating func proposeDue(at now: Timestamp, _ propose: (EffectID.Place) -> Bool) {
        while let alarm = nextAlarm(), alarm.due <= now, propose(alarm.place) { alarms.removeMin() }
    }

    /// Forgets what was proposed: it may have been lost.
    mutating func proposeAgain() {
        alarms = Heap(standing.values.map { Alarm(due: $0.value.due, place: $0.key) })
    }

    private mutating func nextAlarm() -> Alarm? {
        while let alarm = alarms.min {
            if standing[alarm.place] != nil { return alarm }
            alarms.removeMin()
        }
        return nil
    }

    // MARK: - As state of the replica

    func hash(into hasher: inout StateHasher) { standing.hash(into: &hasher, as: Self.name) }

    func write(to writer: inout StateWriter) { standing.write(to: &writer, as: Self.name) }

    init(from reader: StateReader) throws {
        standing = try StandingEffects(from: reader, as: Self.name)
        proposeAgain()
    }
}
