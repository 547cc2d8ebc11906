import LockstepTesting
import Testing

@testable import Lockstep

@Suite("Sessions of clients, as state")
struct ClientSessionsTests {
    private let key = SessionKey(opened: 3, nonce: 7)
    private let start = Timestamp(nanoseconds: 1_000)
    private let timeout: Int64 = 1_000_000_000

    private func opened(_ keys: SessionKey...) -> ClientSessions {
        var sessions = ClientSessions()
        for key in keys { #expect(sessions.open(key, timeout: timeout, at: start) == true) }
        return sessions
    }

    private func call(_ sequence: UInt64, settled: UInt64 = 0) -> ClientCallID {
        ClientCallID(session: key, sequence: sequence, settled: settled)
    }

    private func hash(_ sessions: ClientSessions) -> UInt64 {
        var hasher = StateHasher()
        sessions.hash(into: &hasher)
        return hasher.finalize()
    }

    private func restored(_ sessions: ClientSessions) throws -> ClientSessions {
        var writer = StateWriter()
        sessions.write(to: &writer)
        return try ClientSessions(from: StateReader(writer.finish().encoded()))
    }

    @Test func anUpdateThatComesAgainIsAnsweredWithWhatItCameTo() {
        var sessions = opened(key)
        #expect(sessions.admit(call(0), at: start) == .runs)
        sessions.note(.result([1]), of: call(0))
        #expect(sessions.admit(call(0), at: start) == .known(.result([1])))
        #expect(sessions.admit(call(1, settled: 1), at: start) == .runs)
        #expect(sessions.admit(call(0), at: start) == .settled)
    }

    @Test func nothingRunsWithoutASession() {
        var sessions = ClientSessions()
        #expect(sessions.admit(call(0), at: start) == .noSession)
        sessions = opened(key)
        #expect(sessions.close(key) == true)
        #expect(sessions.admit(call(0), at: start) == .noSession)
        #expect(sessions.close(key) == false)
        #expect(sessions.note(alive: key, at: start) == false)
    }

    @Test func aSessionEndsWhenNothingIsHeard() {
        var sessions = opened(key)
        let due = start + .nanoseconds(timeout)
        #expect(sessions.nextDue() == due)
        let before = Timestamp(nanoseconds: due.nanoseconds - 1)
        #expect(sessions.expire(key, at: before) == false)
        #expect(sessions.admit(call(0), at: before) == .runs)
        // It was heard since its end was proposed.
        #expect(sessions.expire(key, at: due) == false)
        #expect(sessions.nextDue() == before + .nanoseconds(timeout))
        #expect(sessions.expire(key, at: before + .nanoseconds(timeout)) == true)
        #expect(sessions.admit(call(0), at: due) == .noSession)
        #expect(sessions.nextDue() == nil)
    }

    @Test func eachEndIsProposedOnceUntilItIsTakenOver() {
        let other = SessionKey(opened: 4, nonce: 7)
        var sessions = opened(key, other)
        var proposed: [SessionKey] = []
        let propose: (SessionKey) -> Bool = { key in
            proposed.append(key)
            return true
        }
        sessions.proposeDue(at: start, propose)
        #expect(proposed.isEmpty)
        let due = start + .nanoseconds(timeout)
        for _ in 0..<2 { sessions.proposeDue(at: due, propose) }
        #expect(Set(proposed) == [key, other] && proposed.count == 2)
        sessions.proposeAgain()
        sessions.proposeDue(at: due) { _ in false }
        sessions.proposeDue(at: due, propose)
        #expect(proposed.count == 4)
    }

    @Test func keepsNoMoreThanItMay() {
        var sessions = opened(key)
        for sequence in 0..<ClientSessions.windowMax {
            #expect(sessions.admit(call(sequence), at: start) == .runs)
            sessions.note(.result(Array(repeating: 0, count: ClientOutcome.resultBytesMax)), of: call(sequence))
        }
        #expect(sessions.admit(call(ClientSessions.windowMax), at: start) == .tooEarly)
        // What was not kept has run all the same.
        let kept = (0..<ClientSessions.windowMax).filter { sequence in
            guard case .known(let outcome) = sessions.admit(call(sequence), at: start) else { return false }
            return outcome != .notKept
        }
        #expect(kept == Array(0..<UInt64(ClientSessions.keptBytesMax / ClientOutcome.resultBytesMax)))
        var many = ClientSessions()
        for number in 0..<ClientSessions.countMax {
            #expect(many.open(SessionKey(opened: UInt64(number), nonce: 1), timeout: timeout, at: start) == true)
        }
        #expect(many.open(key, timeout: timeout, at: start) == false)
        // Nothing is left behind by sessions that are kept alive again and again.
        for _ in 0..<1000 { _ = sessions.expire(key, at: start) }
        #expect(sessions.nextDue() != nil)
    }

    @Test func isEqualAfterARestore() throws {
        var before = opened(key, SessionKey(opened: 9, nonce: 1))
        for sequence in 0..<10 as Range<UInt64> {
            #expect(before.admit(call(sequence, settled: sequence / 2), at: start) == .runs)
            before.note(.failed(code: "methodThrew", message: "\(sequence)"), of: call(sequence))
        }
        var after = try restored(before)
        #expect(hash(before) == hash(after))
        #expect(before.nextDue() == after.nextDue())
        #expect(after.admit(call(8), at: start) == .known(.failed(code: "methodThrew", message: "8")))
        #expect(hash(try restored(ClientSessions())) == hash(ClientSessions()))
        after.note(.result([]), of: call(10))
        #expect(hash(before) != hash(after))
    }

    /// A client that tries its updates again and again through several members, whose messages come in an order of their own
    /// each, on replicas that are restored now and then.
    @Test(arguments: 0..<200)
    func everyUpdateRunsOnce(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        var replicas = [opened(key), opened(key)]
        var runs: [UInt64: Int] = [:]
        var members = [[ClientCallID]](repeating: [], count: 3)
        var (next, awaited, settled) = (0 as UInt64, [] as [UInt64], 0 as UInt64)
        var answers: [UInt64: ClientOutcome] = [:]
        for step in 0..<2000 {
            switch random.pick(0...9) {
            case 0...2 where next - (awaited.first ?? next) < ClientSessions.windowMax:
                awaited.append(next)
                members[random.pick(0...2)].append(call(next, settled: settled))
                next += 1
            case 3 where !awaited.isEmpty:
                // Its member seems to be gone, and may not be.
                members[random.pick(0...2)].append(
                    call(awaited[random.pick(0...(awaited.count - 1))], settled: settled))
            case 4:
                replicas[1] = try restored(replicas[1])
            default:
                let member = random.pick(0...2)
                guard !members[member].isEmpty else { continue }
                let call = members[member].removeFirst()
                let now = Timestamp(nanoseconds: Int64(step))
                let admissions = replicas.indices.map { replicas[$0].admit(call, at: now) }
                #expect(admissions[0] == admissions[1])
                switch admissions[0] {
                case .runs:
                    runs[call.sequence, default: 0] += 1
                    let outcome = ClientOutcome.result([UInt8(truncatingIfNeeded: step)])
                    for place in replicas.indices { replicas[place].note(outcome, of: call) }
                    answers[call.sequence] = outcome
                case .known(let outcome): #expect(outcome == answers[call.sequence])
                case .settled: #expect(call.sequence < settled)
                case .tooEarly, .noSession: Issue.record("it was \(admissions[0])")
                }
                awaited.removeAll { $0 == call.sequence }
                settled = awaited.first ?? next
            }
        }
        #expect(hash(replicas[0]) == hash(replicas[1]))
        for sequence in 0..<settled { #expect(runs[sequence] == 1) }
        #expect(runs.values.allSatisfy { $0 == 1 } && runs.count > 100)
    }
}
