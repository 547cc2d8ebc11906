import ArgumentParser
import CLockstep
import Glibc
import Lockstep

/// What is measured.
enum Primitive: String, ExpressibleByArgument, CaseIterable {
    /// A lock that nobody else wants.
    case lock
    /// A lock that every member wants.
    case handover
    /// A barrier of all members.
    case barrier
    /// An office: from one that resigns to the next, and from one that is killed.
    case election
}

/// One member of a measurement, started by `lockstep perf coordination`.
struct CoordinationMember: AsyncParsableCommand {
    static let name = "coordination-member"
    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Be a member of a measurement. Started by 'lockstep perf coordination'.",
        shouldDisplay: false
    )

    @OptionGroup var member: MemberOptions
    @Option var primitive: Primitive
    @Option var caller: CallerPlace
    @Option var clients: Int
    @Option var seconds: Double

    func run() async throws {
        let node = try await member.join(regionBytes: 1 << 30)
        var bench = try await CoordinationBench(
            node, from: caller, members: member.expecting, clients: clients, seconds: seconds)
        try await bench.run(primitive)
        guard primitive == .election, bench.figures.rank == 0 else {
            return try await member.stay(saying: .coordination(bench.figures))
        }
        bench.figures.killed = UInt64(lockstep_monotonic_ns())
        Terminal.writeLine(PerfMessage.coordination(bench.figures).line)
        kill(getpid(), SIGKILL)
    }
}
