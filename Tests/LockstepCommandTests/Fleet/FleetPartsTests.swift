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
struct FleetMessageTests {
    @Test(arguments: [
        FleetMessage.begins(descriptor: 9), .view(FleetView(number: 3, rank: 1, members: 4)),
        .caller(.max, sequence: 17), .end(FleetEnd(hash: .max, repeated: 1, skipped: 2)),
        .call(
            1 << 32 | 7, FleetCall(part: .office, action: .release, name: 9, argument: 1, value: 2, version: .max),
            time: .max),
        .answer(5, FleetAnswer(output: 6, version: 8), time: 7),
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
