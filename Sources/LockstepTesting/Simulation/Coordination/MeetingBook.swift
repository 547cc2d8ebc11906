import LockstepCoordination

/// Who was let go together: at a barrier all of a generation or none, and at a latch nobody too early.
final class MeetingBook {
    private struct Generation: Hashable {
        let key: String
        let number: UInt64
    }

    private struct Meeting {
        /// All that were let go, as the replicas say.
        var parties: Set<TaskTicket> = []
        /// False if nobody has read who they are, but for the last.
        var isPublished = false
        /// Those who know, with the times from when they came to when they were told.
        var released: [TaskTicket: ClosedRange<Int64>] = [:]
        var ends: [ClosedRange<Int64>] = []
    }

    private struct Latch {
        var counting = 0
        var counts: Set<Int> = []
    }

    private let parties: Int
    private var keys: [TaskTicket: String] = [:]
    private var meetings: [Generation: Meeting] = [:]
    private var latches: [String: Latch] = [:]
    private var ended: Set<UInt64> = []
    private var missed: Set<TaskTicket> = []
    private var hasLagged = false
    /// Those who wait no longer, and what they had seen then.
    private var givenUp: [TaskTicket: UInt64] = [:]

    init(parties: Int) { self.parties = parties }

    var count: Int { meetings.count }

    // MARK: - Barriers

    /// Somebody is about to come.
    func noteAsked(_ ticket: TaskTicket, _ request: CoordinationCall) {
        switch request {
        case .arrive(let key, _, _), .begin(let key, _): keys[ticket] = key
        default: break
        }
    }

    /// The replicas have let these go.
    func noteAdmitted(_ tickets: [TaskTicket], _ token: UInt64) {
        for ticket in tickets {
            guard let key = keys[ticket] else { continue }
            let generation = Generation(key: key, number: token)
            meetings[generation, default: Meeting()].parties.insert(ticket)
            meetings[generation]?.isPublished = true
        }
    }

    /// A member has missed some of what was published.
    func noteLag() { hasLagged = true }

    /// Somebody was told.
    func noteReleased(_ ticket: TaskTicket, _ key: String, _ number: UInt64, from began: Int64, to now: Int64) {
        let generation = Generation(key: key, number: number)
        meetings[generation, default: Meeting()].parties.insert(ticket)
        meetings[generation]?.released[ticket] = began...now
    }

    /// Somebody has left together with the others.
    func noteEnd(_ key: String, _ generation: UInt64, from began: Int64, to now: Int64) {
        meetings[Generation(key: key, number: generation)]?.ends.append(began...now)
    }

    func noteGivenUp(_ ticket: TaskTicket, knowing version: UInt64) { givenUp[ticket] = version }

    /// Somebody was told that some was missed, or could not rely on what it was told.
    func noteMissed(_ ticket: TaskTicket) { missed.insert(ticket) }

    func noteEnd(of caller: UInt64) { ended.insert(caller) }

    // MARK: - Latches

    func noteCounting(_ key: String) { latches[key, default: Latch()].counting += 1 }

    func noteCounted(_ key: String, _ count: Int) throws(Violation) {
        let begun = latches[key]?.counting ?? 0
        guard count <= begun, latches[key, default: Latch()].counts.insert(count).inserted else {
            throw Violation(
                .exactlyOnce, "\(key) was counted \(begun) times, and somebody is told \(count), once more.")
        }
    }

    func noteAttended(_ key: String, count: Int) throws(Violation) {
        guard latches[key]?.counting ?? 0 < count else { return }
        throw Violation(
            .generations,
            "\(key) lets somebody go who waits for \(count), and was counted \(latches[key]?.counting ?? 0).")
    }

    // MARK: - The end

    func finish() throws(Violation) {
        for (generation, meeting) in meetings.sorted(by: { ($0.key.key, $0.key.number) < ($1.key.key, $1.key.number) })
        where !meeting.released.isEmpty {
            try check(meeting, generation)
        }
    }

    private func check(_ meeting: Meeting, _ generation: Generation) throws(Violation) {
        let name = "Generation \(generation.number) of \(generation.key)"
        // Of the last that came, which is told by its result, one may know nothing if it is gone.
        let least = meeting.isPublished || !hasLagged ? parties - 1 : 1
        guard (least...parties).contains(meeting.parties.count) else {
            throw Violation(.generations, "\(name) has \(meeting.parties.count) of \(parties) parties.")
        }
        for ticket in meeting.parties where meeting.released[ticket] == nil {
            guard !ended.contains(ticket.client), !missed.contains(ticket) else { continue }
            guard let seen = givenUp[ticket], seen < generation.number else {
                throw Violation(
                    .generations, "\(name) has let others go, and not request \(ticket.number) of \(ticket.client).")
            }
        }
        let (last, first) = (
            meeting.released.values.map(\.lowerBound).max(), meeting.released.values.map(\.upperBound).min()
        )
        guard let last, let first, last <= first else {
            throw Violation(.generations, "\(name) has let somebody go before all were there.")
        }
        guard let last = meeting.ends.map(\.lowerBound).max(), let first = meeting.ends.map(\.upperBound).min() else {
            return
        }
        guard last <= first else { throw Violation(.generations, "\(name) has ended for some before all were done.") }
    }
}
