import ArgumentParser
import Lockstep

/// One member of a measurement, started by `lockstep perf multicast`.
struct MulticastMember: AsyncParsableCommand {
    static let name = "multicast-member"
    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Be a member of a measurement. Started by 'lockstep perf multicast'.",
        shouldDisplay: false
    )

    @OptionGroup var member: MemberOptions
    @Option var senders: Int
    @Option var size: Int
    @Option var seconds: Double
    @Option var groups: Int
    @Option var order: PerfOrder
    @Option var ringBytes: Int

    func run() async throws {
        let setup = MulticastSetup(
            members: member.expecting, senders: senders, size: size, seconds: seconds, groups: groups, order: order,
            ringBytes: ringBytes, pollers: member.pollers, fabric: member.fabric
        )
        try await setup.measure(with: await member.join(regionBytes: setup.regionBytes), member.say)
        try await member.stay()
    }
}

extension MulticastSetup {
    /// Does one member's part, and says after each round, and at the end, what it has found.
    func measure(with node: Node, _ say: @escaping PerfSaying) async throws {
        // On the poller's thread, so that what is sent needs no other.
        let task = Task(executorPreference: node.executor) {
            let memory = try await BenchmarkMemory(node, ringBytes: ringBytes)
            var bench = try await Bench(node, memory, self)
            let plan = MulticastPlan(seconds: seconds)
            for round in 0...MulticastPlan.rounds {
                say(.round(try await bench.run(round: round, plan.slices(round: round))))
            }
            say(.limits(bench.limits))
        }
        try await task.value
    }
}
