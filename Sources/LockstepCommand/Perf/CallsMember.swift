import ArgumentParser
import Lockstep

/// One member of a measurement, started by `lockstep perf calls`.
struct CallsMember: AsyncParsableCommand {
    static let name = "calls-member"
    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Be a member of a measurement. Started by 'lockstep perf calls'.",
        shouldDisplay: false
    )

    @OptionGroup var member: MemberOptions
    @Option var callers: Int
    @Option var mode: CallMode
    @Option var caller: CallerPlace
    @Option var seconds: Double

    func run() async throws {
        let setup = CallsSetup(
            members: member.expecting, callers: callers, mode: mode, caller: caller, seconds: seconds,
            pollers: member.pollers, fabric: member.fabric
        )
        try await setup.measure(with: await member.join(regionBytes: setup.raw.regionBytes), member.say)
        try await member.stay()
    }
}

extension CallsSetup {
    /// Does one member's part, and says after each round, and at the end, what it has found.
    func measure(with node: Node, _ say: @escaping PerfSaying) async throws {
        try await Task(executorPreference: caller.executor(of: node)) { try await goThrough(node, say) }.value
    }

    private func goThrough(_ node: Node, _ say: PerfSaying) async throws {
        let memory = try await BenchmarkMemory(node, ringBytes: raw.ringBytes)
        var bench = try await CallsBench(node, memory, self)
        let view = node.membership.view.number
        let plan = MulticastPlan(seconds: seconds)
        for round in 0...MulticastPlan.rounds {
            say(.round(try await bench.run(round: round, plan.slices(round: round))))
        }
        var figures = bench.limits
        figures.viewChanges = node.membership.view.number - view
        say(.limits(figures))
    }
}
