/// What was told to those who met at one barrier or double barrier.
struct FleetMeetings {
    private let records: [FleetRecord]
    private let parties: Int

    init(_ records: [FleetRecord], parties: Int) { (self.records, self.parties) = (records, parties) }

    // MARK: - Barriers

    private struct Meeting {
        let generation: UInt64
        var released = 0
        /// When the last of those came that are known to have been let go.
        var lastCame = UInt64.min
        /// When the first was told.
        var firstTold = UInt64.max
    }

    /// Checks that all of a generation were let go, and none before all were there.
    func checkGenerations() throws(FleetFlaw) {
        let meetings = meetings
        try checkOrder(of: meetings)
        // Somebody who died or gave up may have been let go too, and is then the only one who does not know.
        let unknown = records.filter { $0.ended == nil }.map(\.began)
        var missing = 0
        for meeting in meetings.sorted(by: { $0.firstTold < $1.firstTold }) {
            guard meeting.released <= parties else {
                throw FleetFlaw("Generation \(meeting.generation) let \(meeting.released) of \(parties) go.")
            }
            missing += parties - meeting.released
            guard missing <= unknown.count(where: { $0 <= meeting.firstTold }) else {
                throw FleetFlaw("Generation \(meeting.generation) let go \(meeting.released) of \(parties) alone.")
            }
        }
    }

    private var meetings: [Meeting] {
        var found: [UInt64: Meeting] = [:]
        for record in records {
            // Generation 0: it was not let go.
            guard let ended = record.ended, let generation = record.answers.first?.answer.output, generation > 0 else {
                continue
            }
            var meeting = found[generation] ?? Meeting(generation: generation)
            meeting.released += 1
            meeting.lastCame = max(meeting.lastCame, record.began)
            meeting.firstTold = min(meeting.firstTold, ended)
            found[generation] = meeting
        }
        return found.values.sorted { $0.generation < $1.generation }
    }

    /// There must be a moment for each, and they must be in the order of the generations.
    private func checkOrder(of meetings: [Meeting]) throws(FleetFlaw) {
        var moment: UInt64 = 0
        for meeting in meetings {
            moment = max(moment, meeting.lastCame)
            guard moment <= meeting.firstTold else {
                throw FleetFlaw("Generation \(meeting.generation) let somebody go before its time had come.")
            }
        }
    }

    // MARK: - Double barriers

    /// Somebody who has been inside.
    private struct Visit {
        let entered: UInt64
        /// When it was done inside, and when it was let go.
        let (done, left): (UInt64, UInt64)
    }

    /// Checks that nobody entered before all were there, that no more were inside than fit, and that nobody left before all
    /// were done who are known to have left.
    func checkPresence() throws(FleetFlaw) {
        let arrivals = records.filter { $0.call.action == .arrive }
        let visits = visits
        for arrival in arrivals {
            guard let entered = arrival.ended else { continue }
            let present = arrivals.count { other in
                other.began <= entered && (visits[other.place]?.left ?? .max) >= arrival.began
            }
            guard present >= parties else {
                throw FleetFlaw("Somebody entered when \(present) of \(parties) had come.")
            }
        }
        for visit in visits.values {
            let others = visits.values.filter { $0.entered <= visit.done && visit.entered <= $0.done }
            guard others.allSatisfy({ $0.done <= visit.left }) else {
                throw FleetFlaw("Somebody left before all were done.")
            }
            let inside = others.count { $0.entered <= visit.entered }
            guard inside <= parties else { throw FleetFlaw("\(inside) were inside, where \(parties) fit.") }
        }
    }

    /// By the arrival of each.
    private var visits: [FleetRecord.Place: Visit] {
        var found: [FleetRecord.Place: Visit] = [:]
        var arrivals: [Int: FleetRecord] = [:]
        for record in records.sorted(by: { $0.began < $1.began }) {
            switch record.call.action {
            case .arrive: arrivals[record.client] = record
            default:
                guard let arrival = arrivals[record.client], let entered = arrival.ended, let left = record.ended else {
                    continue
                }
                found[arrival.place] = Visit(entered: entered, done: record.began, left: left)
            }
        }
        return found
    }
}

extension FleetRecord {
    /// Tells the calls of a thing apart.
    fileprivate struct Place: Hashable {
        let client: Int
        let began: UInt64
    }

    fileprivate var place: Place { Place(client: client, began: began) }
}
