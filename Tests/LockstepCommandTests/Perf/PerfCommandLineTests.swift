import LockstepTesting
import Testing

@Suite
struct PerfCommandLineTests {
    @Test
    func helpListsTheMeasurements() async throws {
        let run = try await CommandRun("perf", "--help")
        #expect(run.status == .code(0))
        for command in ["multicast", "calls", "failover", "idle"] {
            #expect(run.lines.contains { $0.hasPrefix("  \(command) ") }, "\(run.text)")
        }
        #expect(!run.text.contains("-member"))
    }

    @Test(arguments: [
        (["--members", "0"], "--members must be from 1 to 64, not 0."),
        (["--members", "65"], "--members must be from 1 to 64, not 65."),
        (["--senders", "0"], "--senders must be from 1 to 3, not 0."),
        (["--senders", "4"], "--senders must be from 1 to 3, not 4."),
        (["--senders", "some"], "--senders"),
        (["--size", "262129"], "--size must be from 0 to 262128, not 262129."),
        (["--size=-1"], "--size must be from 0 to 262128, not -1."),
        (["--ring-bytes", "4096", "--size", "1009"], "--size must be from 0 to 1008, not 1009."),
        (["--ring-bytes", "5000"], "--ring-bytes must be a power of two from 4096 to 1073741824, not 5000."),
        (["--ring-bytes", "2048"], "--ring-bytes must be a power of two from 4096 to 1073741824, not 2048."),
        (["--ring-bytes=-9223372036854775808"], "--ring-bytes must be a power of two"),
        (["--seconds", "0"], "--seconds must be more than 0 and at most 86400, not 0.0."),
        (["--seconds", "nan"], "--seconds must be more than 0 and at most 86400, not nan."),
        (["--groups", "0"], "--groups must be from 1 to 10000, not 0."),
        (["--order", "any"], "--order"),
    ])
    func multicastRefusesWhatIsOutOfRange(arguments: [String], sentence: String) async throws {
        try await expectRefusal(["perf", "multicast"] + arguments, sentence)
    }

    @Test(arguments: [
        (["--members", "0"], "--members must be from 1 to 64, not 0."),
        (["--callers", "4"], "--callers must be from 1 to 3, not 4."),
        (["--seconds", "nan"], "--seconds must be more than 0 and at most 86400, not nan."),
        (["--mode", "fast"], "--mode"),
        (["--caller", "me"], "--caller"),
    ])
    func callsRefusesWhatIsOutOfRange(arguments: [String], sentence: String) async throws {
        try await expectRefusal(["perf", "calls"] + arguments, sentence)
    }

    @Test(arguments: [
        (["--members", "65"], "--members must be from 1 to 64, not 65."),
        (["--seconds=-1"], "--seconds must be more than 0 and at most 86400, not -1.0."),
        (["--groups", "10001"], "--groups must be from 1 to 10000, not 10001."),
    ])
    func idleRefusesWhatIsOutOfRange(arguments: [String], sentence: String) async throws {
        try await expectRefusal(["perf", "idle"] + arguments, sentence)
    }

    @Test(arguments: [
        (["--members", "2"], "--members must be from 3 to 16, not 2."),
        (["--trials", "0"], "--trials must be from 1 to 100000, not 0."),
        (["--state=-1"], "--state must be from 0 to 17179869184, not -1."),
        (["--kind", "sleep"], "--kind"),
    ])
    func failoverRefusesWhatIsOutOfRange(arguments: [String], sentence: String) async throws {
        try await expectRefusal(["perf", "failover"] + arguments, sentence)
    }

    private func expectRefusal(_ arguments: [String], _ sentence: String) async throws {
        let (status, lines) = try await CommandRun.start(arguments).finish(within: patience)
        #expect(status == .code(64))
        #expect(lines.joined(separator: "\n").contains(sentence), "\(lines)")
    }
}
