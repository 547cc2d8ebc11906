import Glibc
import LockstepTesting

/// What the clients of a fleet called and were answered, whichever members they were at.
struct FleetHistory {
    private var calls: [Thing: [FleetRecord]] = [:]
    /// How many calls were made.
    private(set) var count: UInt64 = 0

    /// Of what is wrong.
    private static let linesMax = 50

    private struct Thing: Hashable, Comparable {
        let part: FleetCall.Part
        let name: UInt64

        static func < (one: Thing, other: Thing) -> Bool {
            (one.name, one.part.rawValue) < (other.name, other.part.rawValue)
        }
    }

    /// What one member told.
    struct Member {
        /// By number, of which the upper half is the client.
        private var calls: [UInt64: FleetRecord] = [:]

        mutating func note(_ call: FleetCall, as number: UInt64, at time: UInt64) {
            calls[number] = FleetRecord(call: call, client: Int(number >> 32), began: time)
        }

        mutating func note(_ answer: FleetAnswer, to number: UInt64, at time: UInt64) {
            calls[number]?.answers.append((answer, time))
        }

        fileprivate func add(to history: inout FleetHistory, process: pid_t, isOut: Bool) {
            // Before it was given the last thing, a client had given back the one before.
            let lasts = Dictionary(
                calls.values.filter(\.givesSomething).map { ($0.client, $0.began) }, uniquingKeysWith: max)
            for var record in calls.values {
                let isLast = lasts[record.client] == record.began
                record.client |= Int(process) << 8
                history.add([record])
                history.count += 1
                history.add(record.consequences(isOut: isOut && isLast))
            }
        }
    }

    /// Adds what a member told.
    ///
    /// - Parameter isOut: True if the others have gone on without it.
    mutating func add(_ member: Member, process: pid_t, isOut: Bool) {
        member.add(to: &self, process: process, isOut: isOut)
    }

    private mutating func add(_ records: [FleetRecord]) {
        for record in records {
            calls[Thing(part: record.call.part, name: record.call.name), default: []].append(record)
        }
    }

    // MARK: - What is wrong

    /// What is wrong with it, nil if nothing is: one sentence, and calls that do not go together.
    var flaw: String? {
        for (thing, records) in calls.sorted(by: { $0.key < $1.key }) {
            do {
                try Self.check(thing.part, records)
            } catch {
                let lines = "\(error)".split(separator: "\n").prefix(Self.linesMax).joined(separator: "\n")
                return "The \(thing.part) \(thing.name) was not what its callers saw: \(lines)"
            }
        }
        return nil
    }

    private static func check(_ part: FleetCall.Part, _ records: [FleetRecord]) throws {
        switch part {
        case .lock, .office:
            try checkLinearizability(of: records.compactMap(\.ofLock), against: LockModel())
        case .semaphore:
            try checkLinearizability(
                of: records.compactMap(\.ofSemaphore), against: SemaphoreModel(permits: FleetShares.permits))
        case .readWriteLock:
            try checkLinearizability(
                of: records.compactMap(\.ofSemaphore), against: SemaphoreModel(permits: FleetShares.permitsOfWriter))
        case .barrier: try FleetMeetings(records, parties: FleetShares.parties).checkGenerations()
        case .doubleBarrier: try FleetMeetings(records, parties: FleetShares.parties).checkPresence()
        case .latch:
            try checkLinearizability(
                of: records.compactMap(\.ofLatch), against: LatchModel(count: FleetShares.steps))
        case .counter: try checkLinearizability(of: records.compactMap(\.ofCounter), against: CounterModel())
        case .register, .map:
            try checkLinearizability(
                of: records.compactMap(\.ofValue), against: VersionedModel(), partitionedBy: \.key)
            try FleetNews(records).check()
        case .queue:
            // When everybody is done, nothing is left.
            let operations = records.compactMap(\.ofItem)
            let misses = Set(operations.map(\.input.item)).map { item in
                Operation(ItemModel.Input(.miss, item), UInt64(0), at: .max ... .max)
            }
            try checkLinearizability(of: operations + misses, against: ItemModel(), partitionedBy: \.item)
        case .topic: try FleetNews(records).check()
        }
    }
}
