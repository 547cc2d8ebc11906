import LockstepTesting
import Testing

@Suite
struct CommandLineTests {
    @Test
    func helpListsTheCommands() async throws {
        let run = try await CommandRun("--help")
        #expect(run.status == .code(0))
        for command in ["demo", "perf", "sim", "status", "doctor"] {
            #expect(run.lines.contains { $0.hasPrefix("  \(command) ") }, "\(run.text)")
        }
        #expect(!run.text.contains("demo-member"))
    }

    @Test(arguments: [
        ["--members", "0"], ["--members", "65"], ["--seconds", "0"], ["--callers", "0"],
        ["--callers", "1025"],
    ])
    func refusesWhatIsOutOfRange(arguments: [String]) async throws {
        let run = try await CommandRun("demo", arguments[0], arguments[1])
        #expect(run.status == .code(64))
        #expect(run.text.contains("\(arguments[0]) must be from 1 to "), "\(run.text)")
        #expect(run.text.contains("not \(arguments[1])."), "\(run.text)")
    }

    @Test
    func refusesWhatItDoesNotKnow() async throws {
        #expect(try await CommandRun("demo", "--speed", "9").status == .code(64))
        #expect(try await CommandRun("dance").status == .code(64))
    }

    @Test
    func theDoctorNamesWhatItHasLookedAt() async throws {
        let run = try await CommandRun("doctor")
        for word in ["kernel", "core", "NUMA", "RDMA", "over shared memory, each within", "over TCP"] {
            // A host without a library is told so by its name.
            let isNamed = run.text.contains(word) || word == "RDMA" && run.text.contains("libibverbs")
            #expect(isNamed, "\(run.text)")
        }
        let isBad = run.lines.contains { $0.hasPrefix("bad ") }
        #expect(run.status == .code(isBad ? 1 : 0))
    }
}
