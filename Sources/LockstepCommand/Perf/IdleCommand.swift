import ArgumentParser

/// Measures what nodes cost that have nothing to do.
struct IdleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "idle",
        abstract: "Measure what nodes with nothing to do cost.",
        discussion: """
            Starts member processes on this host, which host groups, exchange one message, and then rest. Their \
            processor time is that of the rest alone.
            """
    )

    @Option(help: "How many member processes to start, 1 to 64.")
    var members = 3

    @Option(help: "How long they rest, in seconds.")
    var seconds = 5.0

    @Option(help: "How many groups each member hosts.")
    var groups = 1

    @Flag(help: "Print the result as one line of JSON.")
    var json = false

    func validate() throws {
        try ValidationError.check(members, in: 1...64, named: "--members")
        try ValidationError.check(seconds: seconds)
        try ValidationError.check(groups, in: 1...PerfLimits.groupsMax, named: "--groups")
    }

    func run() throws {
        Interruption.watch()
        let report = IdleReport(groups: groups, seconds: seconds, try measure())
        Terminal.write(json ? report.json.line + "\n" : report.text)
    }

    private func measure() throws -> [IdleFigures] {
        let cluster = try PerfCluster(
            count: members, command: IdleMember.name,
            arguments: ["--seconds", "\(seconds)", "--groups", "\(groups)"],
            patience: .seconds(seconds) + PerfLimits.answer
        )
        let progress = ProgressLine()
        defer { progress.clear() }
        let messages = try cluster.follow { _ in progress.show("Resting") }
        return messages.flatMap { $0 }.compactMap { if case .idle(let figures) = $0 { figures } else { nil } }
    }
}
