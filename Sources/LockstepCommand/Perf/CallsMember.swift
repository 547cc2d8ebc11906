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
            fabric: member.fabric
        )
        let node = try await member.join(regionBytes: setup.raw.regionBytes)
        let task =
            switch caller {
            case .poller: Task(executorPreference: node.executor) { try await measure(node, setup) }
            case .task: Task { try await measure(node, setup) }
            }
        try await member.stay(saying: .limits(try await task.value))
    }

    private func measure(_ node: Node, _ setup: CallsSetup) async throws -> LimitFigures {
        let memory = try await BenchmarkMemory(node, ringBytes: setup.raw.ringBytes)
        var bench = try await CallsBench(node, memory, setup)
        let view = node.membership.view.number
        let plan = MulticastPlan(seconds: seconds)
        for round in 0...MulticastPlan.rounds {
            let figures = try await bench.run(round: round, plan.slices(round: round))
            Terminal.writeLine(PerfMessage.round(figures).line)
        }
        var figures = bench.limits
        figures.viewChanges = node.membership.view.number - view
        return figures
    }
}
