import Glibc
import LockstepTesting
import Testing

/// The built program, with real processes. One at a time: each starts several.
@Suite(.serialized)
struct DemoProcessTests {
    @Test
    func threeCopiesAreEqual() async throws {
        let run = try await CommandRun("demo", "--seconds", "1", "--plain")
        #expect(run.status == .code(0), "\(run.text)")
        #expect(run.lines.first?.hasPrefix("Three processes find each other by the name demo-") == true)
        expectEqualCopies(run, members: 3)
        #expect(run.lines.last?.hasPrefix("All three copies are equal: ") == true)
    }

    @Test
    func oneMemberIsEnough() async throws {
        let run = try await CommandRun("demo", "--seconds", "1", "--plain", "--members", "1")
        #expect(run.status == .code(0), "\(run.text)")
        expectEqualCopies(run, members: 1)
    }

    @Test
    func twoDemosDoNotDisturbEachOther() async throws {
        async let one = CommandRun("demo", "--seconds", "1", "--plain", "--members", "2", "--callers", "4")
        async let other = CommandRun("demo", "--seconds", "1", "--plain", "--members", "2", "--callers", "4")
        for run in try await [one, other] {
            #expect(run.status == .code(0), "\(run.text)")
            expectEqualCopies(run, members: 2)
        }
        #expect(try await one.lines.first != other.lines.first)
    }

    @Test
    func theKilledAreReplacedAndNothingIsLost() async throws {
        let run = try await CommandRun("demo", "--kill", "--seconds", "2", "--callers", "4")
        #expect(run.status == .code(0), "\(run.text)")
        let kills = run.lines.count { $0.contains(" is killed. View ") }
        #expect(kills > 0)
        #expect(run.lines.count { $0.contains(" comes, and is given the state. View ") } >= kills)
        #expect(run.lines.last?.hasSuffix(", and each is on every replica exactly once.") == true)
    }

    @Test
    func aKilledMemberIsReported() async throws {
        let demo = try CommandRun.start(["demo", "--seconds", "4", "--plain"])
        let members = try await membersAtWork(in: demo)
        #expect(kill(members[2].process, SIGKILL) == 0)
        let (status, lines) = try await demo.finish(within: patience)
        #expect(status == .code(1))
        let obituary = "charlie (process \(members[2].process)) was ended by signal 9 (Killed)."
        #expect(lines.contains(obituary), "\(lines)")
        expectGone(members.map(\.process))
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func anInterruptionEndsTheMembers(signal: Int32) async throws {
        let demo = try CommandRun.start(["demo", "--seconds", "1000", "--plain"])
        let members = try await membersAtWork(in: demo)
        demo.signal(signal)
        let (status, lines) = try await demo.finish(within: patience)
        #expect(status == .signal(signal), "as shells write it, 128 and the signal")
        #expect(lines.last == "Stopped. All members have been ended.")
        expectGone(members.map(\.process))
    }

    @Test
    func theMembersDieWithAKilledDemo() async throws {
        let demo = try CommandRun.start(["demo", "--seconds", "1000", "--plain"])
        let members = try await membersAtWork(in: demo)
        demo.kill()
        _ = try await demo.finish(within: patience)
        // They belong to init now, which may take its time to reap them.
        for member in members {
            while let state = processState(member.process), state != "Z" {
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    // MARK: - Parts

    private func membersAtWork(in demo: ChildProcess) async throws -> [(name: Substring, process: Int32)] {
        let line = try await demo.line(within: patience) { $0.hasPrefix("Processes: ") }
        _ = try await demo.line(within: patience) { $0.contains("updates ") }
        let members = processes(in: line)
        try #require(members.count == 3)
        return members
    }

    private func expectEqualCopies(_ run: CommandRun, members: Int) {
        let rows = run.table
        #expect(rows.count == members)
        #expect(Set(rows.map { $0[3] }).count == 1, "updates: \(rows)")
        #expect(Set(rows.map { $0[4] }).count == 1, "hashes: \(rows)")
        #expect(Set(rows.map { $0[1] }).count == members, "ranks: \(rows)")
        for row in rows { #expect(row[3] != "0" && row[4].count == 16, "\(row)") }
    }

    private func expectGone(_ processes: [Int32]) {
        for process in processes { #expect(kill(process, 0) == -1 && errno == ESRCH, "\(process) is there") }
    }
}
