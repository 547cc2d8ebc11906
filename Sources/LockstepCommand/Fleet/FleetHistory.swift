import Glibc
import LockstepTesting

/// What the clients of a fleet called and were answered, whichever members they were at.
struct FleetHistory {
    private var histories: [Thing: (holds: [Holding], sums: [Operation<Int, Int>])] = [:]
    /// How many calls were made.
    private(set) var count: UInt64 = 0

    private typealias Holding = Operation<LockModel.Input, UInt64>

    private struct Thing: Hashable {
        let part: FleetCall.Part
        let round: UInt64
    }

    /// What one member told.
    struct Member {
        /// By number, of which the upper half is the client.
        private var calls: [UInt64: (call: FleetCall, time: UInt64, answer: (output: UInt64, time: UInt64)?)] = [:]

        mutating func note(_ call: FleetCall, as number: UInt64, at time: UInt64) { calls[number] = (call, time, nil) }

        mutating func note(_ output: UInt64, to number: UInt64, at time: UInt64) {
            calls[number]?.answer = (output, time)
        }

        fileprivate func add(to history: inout FleetHistory, process: pid_t, isOut: Bool) {
            for (number, entry) in calls {
                let client = Int(process) << 8 | Int(number >> 32)
                let time = entry.time...max(entry.time, entry.answer?.time ?? entry.time)
                history.add(entry.call, by: client, entry.answer?.output, time)
                // Of one that is out, what it held is taken from it.
                if isOut, entry.call.action == .acquire {
                    let taken = FleetCall(part: entry.call.part, action: .release, round: entry.call.round)
                    history.add(taken, by: client, nil, entry.time...entry.time)
                }
            }
        }
    }

    /// Adds what a member told.
    ///
    /// - Parameter isOut: True if the others have gone on without it.
    mutating func add(_ member: Member, process: pid_t, isOut: Bool) {
        member.add(to: &self, process: process, isOut: isOut)
    }

    private mutating func add(_ call: FleetCall, by client: Int, _ output: UInt64?, _ time: ClosedRange<UInt64>) {
        count += 1
        let thing = Thing(part: call.part, round: call.round)
        switch call.action {
        case .acquire: histories[thing, default: ([], [])].holds.append(Holding(.acquire(client), output, at: time))
        case .release: histories[thing, default: ([], [])].holds.append(Holding(.release(client), output, at: time))
        case .add:
            let sum = output.map { Int(clamping: $0) }
            histories[thing, default: ([], [])].sums.append(Operation(1, sum, at: time))
        }
    }

    /// What is wrong with it, nil if nothing is: one sentence.
    var flaw: String? {
        for (thing, history) in histories.sorted(by: { $0.key.round < $1.key.round }) {
            do {
                try checkLinearizability(of: history.holds, against: LockModel())
                try checkLinearizability(of: history.sums, against: CounterModel())
            } catch {
                let sentence = "\(error)".split(separator: "\n").first ?? ""
                return "The \(thing.part) of round \(thing.round) was not what its callers saw: \(sentence)"
            }
        }
        return nil
    }
}
