import CLockstep
import Glibc
import Testing

@testable import LockstepCommand

@Suite
struct FleetAccountTests {
    private func account(_ notes: (sequence: UInt64, attempt: UInt64)...) -> FleetAccount {
        var account = FleetAccount()
        for note in notes { account.note(note.sequence, attempt: note.attempt, of: 7) }
        return account
    }

    @Test
    func oneAfterTheOtherIsGood() {
        let account = account((1, 1), (2, 1), (3, 1))
        #expect(account.callers[7]?.sequence == 3)
        #expect(account.repeated == 0 && account.skipped == 0)
    }

    @Test
    func aSecondExecutionIsSeen() {
        #expect(account((1, 1), (1, 1)).repeated == 1)
        #expect(account((1, 1), (2, 1), (1, 1)).repeated == 1)
        #expect(account((1, 1), (2, 1), (1, 2)).repeated == 1)
    }

    @Test
    func anotherAttemptIsNoSecondExecution() {
        let account = account((1, 1), (2, 1), (2, 2), (3, 1))
        #expect(account.repeated == 0 && account.skipped == 0)
    }

    @Test
    func whatIsMissingIsCounted() {
        let account = account((1, 1), (5, 1))
        #expect(account.skipped == 3)
        #expect(account.callers[7]?.sequence == 5)
    }

    @Test
    func callersDoNotDisturbEachOther() {
        var account = FleetAccount()
        account.note(1, attempt: 1, of: 1)
        account.note(1, attempt: 1, of: 2)
        #expect(account.repeated == 0)
    }
}

@Suite
struct FleetVerdictTests {
    private func replica(_ sequences: [UInt64: UInt64], _ end: FleetEnd = FleetEnd()) -> FleetVerdict.Replica {
        FleetVerdict.Replica(name: "m", sequences: sequences, end: end)
    }

    @Test
    func whatEveryReplicaHasIsGood() {
        let verdict = FleetVerdict([replica([1: 5, 2: 8]), replica([1: 6, 2: 8])], acknowledged: [(1, 5), (2, 8)])
        #expect(verdict.isGood)
        #expect(verdict.sentence == "13 updates were acknowledged, and each is on every replica exactly once.")
    }

    @Test
    func whatOneReplicaLacksIsLost() {
        let verdict = FleetVerdict([replica([1: 5, 2: 8]), replica([1: 5])], acknowledged: [(1, 5), (2, 8)])
        #expect(verdict.lost == 8)
        #expect(!verdict.isGood)
        #expect(verdict.sentence == "13 updates were acknowledged: 8 of them are lost, and 0 ran twice.")
    }

    @Test
    func whatTheLedgersSawCounts() {
        let verdict = FleetVerdict(
            [replica([1: 5], FleetEnd(skipped: 2)), replica([1: 5], FleetEnd(repeated: 3))], acknowledged: [(1, 5)]
        )
        #expect(verdict.lost == 2 && verdict.duplicated == 3)
    }

    @Test
    func differentReplicasAreNamed() {
        let verdict = FleetVerdict(
            [replica([:], FleetEnd(hash: 1)), replica([:], FleetEnd(hash: 2))], acknowledged: [])
        #expect(!verdict.isGood)
        #expect(verdict.sentence.hasSuffix("differ: m 0000000000000001, m 0000000000000002."), "\(verdict.sentence)")
    }
}

@Suite
struct FleetHistoryTests {
    /// A call, and its answer if there is one.
    private typealias Step = (
        client: UInt64, part: FleetCall.Part, action: FleetCall.Action, output: UInt64?, time: ClosedRange<UInt64>
    )

    private func member(_ steps: [Step]) -> FleetHistory.Member {
        var member = FleetHistory.Member()
        for (place, step) in steps.enumerated() {
            let number = step.client << 32 | UInt64(place)
            member.note(
                FleetCall(part: step.part, action: step.action, round: 1), as: number, at: step.time.lowerBound)
            if let output = step.output { member.note(output, to: number, at: step.time.upperBound) }
        }
        return member
    }

    private func flaw(_ members: [(steps: [Step], isOut: Bool)]) -> String? {
        var history = FleetHistory()
        for (place, member) in members.enumerated() {
            history.add(self.member(member.steps), process: pid_t(100 + place), isOut: member.isOut)
        }
        return history.flaw
    }

    private let holder: [Step] = [(0, .lock, .acquire, 5, 1...2)]

    @Test
    func aHolderThatIsOutLosesWhatItHeld() {
        let next: [Step] = [(0, .lock, .acquire, 6, 3...4), (0, .lock, .release, 0, 5...6)]
        #expect(flaw([(holder, true), (next, false)]) == nil)
    }

    @Test(arguments: [FleetCall.Part.lock, .office])
    func twoHoldersAreFound(part: FleetCall.Part) throws {
        let first: [Step] = [(0, part, .acquire, 5, 1...2), (0, part, .release, 0, 9...10)]
        let second: [Step] = [(0, part, .acquire, 6, 3...4), (0, part, .release, 0, 5...6)]
        let sentence = try #require(flaw([(first, false), (second, false)]))
        #expect(sentence.hasPrefix("The \(part) of round 1 was not what its callers saw: "), "\(sentence)")
    }

    @Test
    func aTokenThatDoesNotGrowIsFound() {
        let next: [Step] = [(0, .lock, .acquire, 5, 3...4)]
        #expect(flaw([(holder + [(0, .lock, .release, 0, 2...3)], false), (next, false)]) != nil)
    }

    @Test
    func anAdditionThatIsLostOrRunsTwiceIsFound() {
        let one: [Step] = [(0, .counter, .add, 1, 1...2)]
        for sum: UInt64 in 1...3 {
            let sentence = flaw([(one, false), ([(0, .counter, .add, sum, 3...4)], false)])
            #expect((sentence == nil) == (sum == 2))
        }
        // What nobody was answered may have run, once.
        let unknown: [Step] = [(0, .counter, .add, nil, 1...2)]
        for sum: UInt64 in 1...3 {
            let sentence = flaw([(unknown, true), ([(0, .counter, .add, sum, 3...4)], false)])
            #expect((sentence == nil) == (sum < 3))
        }
    }
}

@Suite
struct FleetMessageTests {
    @Test(arguments: [
        FleetMessage.begins(descriptor: 9), .view(FleetView(number: 3, rank: 1, members: 4)),
        .caller(.max, sequence: 17), .end(FleetEnd(hash: .max, repeated: 1, skipped: 2)),
        .call(1 << 32 | 7, FleetCall(part: .office, action: .release, round: 9), time: .max),
        .answer(5, 6, time: 7),
    ])
    func survivesBeingWrittenAndRead(message: FleetMessage) {
        #expect(FleetMessage(message.line) == message)
    }

    @Test(arguments: ["", "warning: slow", "#lockstep-fleet", "#lockstep-fleet view number=1", "#lockstep-fleet x a=1"])
    func leavesOtherLinesToTheLog(line: String) {
        #expect(FleetMessage(line) == nil)
    }
}

@Suite
struct FleetSheetTests {
    @Test
    func theParentReadsWhatAMemberWrites() throws {
        let sheet = try FleetSheet()
        var reading = try FleetReading(of: getpid(), descriptor: sheet.descriptor)
        sheet.note(1, by: 0)
        sheet.note(5, by: 2)
        #expect(reading.acknowledged(callers: 3) == [1, 0, 5])
        let start = lockstep_monotonic_ns()
        while lockstep_monotonic_ns() < start + FleetSheet.pauseMin {}
        sheet.note(2, by: 0)
        #expect(reading.longestPause(endingAfter: lockstep_monotonic_ns()) == 0)
    }

    @Test
    func pausesAreToldOnce() throws {
        let sheet = try FleetSheet()
        var reading = try FleetReading(of: getpid(), descriptor: sheet.descriptor)
        sheet.note(1, by: 0)
        let start = lockstep_monotonic_ns()
        while lockstep_monotonic_ns() < start + 2 * FleetSheet.pauseMin {}
        sheet.note(2, by: 0)
        #expect(reading.longestPause(endingAfter: start) >= UInt64(2 * FleetSheet.pauseMin))
        #expect(reading.longestPause(endingAfter: start) == 0)
    }
}
