import ArgumentParser

/// Measures for how long nobody gets results when a member fails, leaves or joins.
struct FailoverCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "failover",
        abstract: "Measure for how long updates pause when a member dies, stops, leaves or joins.",
        discussion: """
            Starts member processes on this host, each with tasks that make updates one after the other. In each trial \
            something happens to one member; the pause is the longest time for which any of the others got no result. \
            Before the next the cluster is brought back to its size. A tenth of a second in which nothing happens is \
            watched before each trial: what the machine itself takes.

            At the end the replicas are compared, and with what the callers know, those that were killed too. The exit \
            code is 0 if every acknowledged update is on every replica exactly once.
            """
    )

    @Option(
        help: """
            What happens: kill -9 of a member, or of the leader; stop, until the others have gone on without it; leave; \
            join; or freeze: all are stopped for a second, and nobody may go on without anybody.
            """
    )
    var kind = FailoverKind.kill

    @Option(help: "How often it happens, 1 to 100000.")
    var trials = 10

    @Option(help: "How many members there are before each trial, 3 to 16.")
    var members = 3

    @Option(help: "How large the replicated state is, in bytes, up to 16 GiB.")
    var state = 0

    @Flag(help: "Print the result as one line of JSON.")
    var json = false

    func validate() throws {
        try ValidationError.check(trials, in: 1...100_000, named: "--trials")
        try ValidationError.check(members, in: 3...16, named: "--members")
        try ValidationError.check(state, in: 0...16 << 30, named: "--state")
    }

    func run() throws {
        Interruption.watch()
        let report = try measure()
        Terminal.write(json ? report.json.line + "\n" : report.text)
        if !report.verdict.isGood { throw ExitCode.failure }
    }

    private func measure() throws -> FailoverReport {
        let fleet = try Fleet(Fleet.Setup(members: members, stateBytes: state))
        let progress = ProgressLine()
        defer { progress.clear() }
        progress.show("The members find each other")
        try fleet.settle()
        var pauses: [UInt64] = []
        var quiet: [UInt64] = []
        for number in 1...trials {
            progress.show("Trial \(number) of \(trials)")
            quiet.append(try fleet.longestPause(within: .milliseconds(100)))
            pauses.append(try kind.tryOnce(with: fleet, number: number))
            // With much state that takes time, and after the last trial nobody needs it.
            if number < trials { try kind.restore(fleet, number: number) }
        }
        progress.show("Comparing the replicas")
        return FailoverReport(
            kind: kind, members: members, stateBytes: state, pauses: pauses, quiet: quiet,
            verdict: try fleet.conclude()
        )
    }
}
