import ArgumentParser

/// Measures how many calls all members execute, and how soon a caller has the result.
struct CallsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calls",
        abstract: "Measure the rate and the latency of calls of a replicated actor.",
        discussion: """
            Starts member processes on this host, which call a method of three integers that every member executes. \
            The sums of all calls, and the states of all replicas, are compared.

            Raw messages of 100 bytes are measured in turn with it, from the same callers. The exit code is 0 if every \
            member has executed what was called.

            \(HostOptions.discussion)
            """
    )

    @Option(help: "How many members there are, 1 to 64.")
    var members = 3

    @Option(help: ArgumentHelp("How many of them call: all, one, or a number.", valueName: "all|one|number"))
    var callers = SenderCount.all

    @Option(help: "pipelined: 2,048 calls of each caller are on their way. awaited: one.")
    var mode = CallMode.pipelined

    @Option(help: CallerPlace.help)
    var caller = CallerPlace.poller

    @Option(help: "How long calls are made, in seconds. The raw messages and the latencies take as much again.")
    var seconds = 5.0

    @OptionGroup var node: PollerOptions

    @Option(help: PerfFabric.help)
    var fabric: PerfFabric?

    @OptionGroup(title: "Across hosts") var hosts: HostOptions

    @Flag(help: "Print the result as one line of JSON.")
    var json = false

    func validate() throws {
        try ValidationError.check(members, in: 1...64, named: "--members")
        try ValidationError.check(callers.count(of: members), in: 1...members, named: "--callers")
        try ValidationError.check(seconds: seconds)
        try hosts.check(fabric, members: members)
    }

    func run() async throws {
        let setup = setup
        guard let found = try await measure(setup) else { return }
        let report = try CallsReport(setup, found.messages, names: found.names)
        Terminal.write(json ? report.json.line + "\n" : report.text)
    }

    private var setup: CallsSetup {
        CallsSetup(
            members: members, callers: callers.count(of: members), mode: mode, caller: caller, seconds: seconds,
            pollers: node.pollers, fabric: hosts.choose(fabric)
        )
    }

    /// What all members have found; nil if another of them has it.
    private func measure(_ setup: CallsSetup) async throws -> PerfFindings? {
        if let host = try hosts.member(of: members, over: fabric, pollers: node.pollers) {
            return try await host.measure(["calls"] + setup.arguments, regionBytes: setup.raw.regionBytes) {
                try await setup.measure(with: $0, $1)
            }
        }
        Interruption.watch()
        let messages = try PerfCluster.measure(
            members, command: CallsMember.name, arguments: setup.arguments, plan: MulticastPlan(seconds: seconds),
            silentRoundsMax: 3, fabric: setup.fabric)
        return PerfFindings(messages)
    }
}
