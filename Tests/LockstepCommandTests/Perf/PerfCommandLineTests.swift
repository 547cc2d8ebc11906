import LockstepTesting
import Testing

@Suite
struct PerfCommandLineTests {
    @Test
    func helpListsTheMeasurements() async throws {
        let run = try await CommandRun("perf", "--help")
        #expect(run.status == .code(0))
        for command in ["fabric", "multicast", "calls", "failover", "idle"] {
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
        (["--pollers", "3"], "--pollers must be 1, 2, 4 or 8, not 3."),
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

    @Test(arguments: [
        (["--size", "0"], "--size must be from 8 to 4096, not 0."),
        (["--size", "12"], "--size must be a multiple of 8, not 12."),
        (["--bulk-size", "4194312"], "--bulk-size must be from 8 to 4194304, not 4194312."),
        (["--bulk-size", "9"], "--bulk-size must be a multiple of 8, not 9."),
        (["--seconds", "0"], "--seconds must be more than 0 and at most 86400, not 0.0."),
        (["--fabric", "pigeons"], "--fabric"),
        (["--seed", "10.0.0.1:7400"], "is for members that are started by hand: add --cluster."),
        (["--plaintext"], "is for members that are started by hand: add --cluster."),
        (["--cluster", "c", "--name", "a"], "With --cluster, --name and --seed are needed too."),
        (["--cluster", "c", "--seed", "10.0.0.1:7400"], "With --cluster, --name and --seed are needed too."),
        (["--cluster", "c", "--name", "a", "--seed", "10.0.0.1"], "--seed"),
    ])
    func fabricRefusesWhatIsOutOfRange(arguments: [String], sentence: String) async throws {
        try await expectRefusal(["perf", "fabric"] + arguments, sentence)
    }

    @Test(arguments: [
        (
            ["--fabric", "shared-memory"],
            "Members of several hosts share no memory: --fabric must be tls, tcp or verbs."
        ),
        (["--fabric", "tcp", "--plaintext"], "--plaintext is for --fabric verbs"),
        (["--plaintext"], "--plaintext is for --fabric verbs"),
        (["--fabric", "tls", "--device", "mlx5_0"], "--device is for --fabric verbs."),
        (["--members", "1"], "With --cluster, --members must be at least 2."),
        (["--failure-timeout", "10"], "--failure-timeout must be from 20 to 60000, not 10."),
        (["--seed", "nobody.invalid:7400"], "The host of nobody.invalid:7400 cannot be found"),
    ])
    func multicastRefusesWhatDoesNotFitHosts(arguments: [String], sentence: String) async throws {
        let host =
            ["--cluster", "c", "--name", "a"] + (arguments.contains("--seed") ? [] : ["--seed", "127.0.0.1:7400"])
        let (status, lines) = try await CommandRun.start(["perf", "multicast"] + host + arguments)
            .finish(within: patience)
        #expect(status != .code(0))
        #expect(lines.joined(separator: "\n").contains(sentence), "\(lines)")
    }

    private func expectRefusal(_ arguments: [String], _ sentence: String) async throws {
        let (status, lines) = try await CommandRun.start(arguments).finish(within: patience)
        #expect(status == .code(64))
        #expect(lines.joined(separator: "\n").contains(sentence), "\(lines)")
    }
}
