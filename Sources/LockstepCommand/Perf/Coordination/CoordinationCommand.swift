import ArgumentParser

/// Measures what members share by name: locks, barriers and elections.
struct CoordinationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coordination",
        abstract: "Measure locks, barriers and elections.",
        discussion: """
            Starts member processes on this host. With election, the leader kills itself at the end, and everything is \
            done as often as there are trials.
            """
    )

    @Option(
        help: "What is measured: lock, a lock that nobody else wants; handover, one that all want; barrier; election.")
    var primitive = Primitive.lock

    @Option(help: CallerPlace.help)
    var caller = CallerPlace.poller

    @Option(help: "How many member processes to start, 3 to 16.")
    var members = 3

    @Option(help: "With lock, how many clients hold 10,000 others in the end, 1 to 1000.")
    var clients = 1000

    @Option(help: "How long each part takes, in seconds.")
    var seconds = 3.0

    @Option(help: "How often it is done, 1 to 100.")
    var trials = 1

    @Flag(help: "Print the result as one line of JSON.")
    var json = false

    func validate() throws {
        try ValidationError.check(members, in: 3...16, named: "--members")
        try ValidationError.check(clients, in: 1...1000, named: "--clients")
        try ValidationError.check(seconds: seconds)
        try ValidationError.check(trials, in: 1...100, named: "--trials")
    }

    func run() throws {
        Interruption.watch()
        let progress = ProgressLine()
        defer { progress.clear() }
        let figures = try (1...trials).map { number in
            progress.show("Trial \(number) of \(trials)")
            return try measure()
        }
        progress.clear()
        let report = CoordinationReport(primitive, from: caller, clients: clients, figures)
        Terminal.write(json ? report.json.line + "\n" : report.text)
    }

    private func measure() throws -> [CoordinationFigures] {
        let cluster = try PerfCluster(
            count: members, command: CoordinationMember.name,
            arguments: [
                "--primitive", primitive.rawValue, "--caller", caller.rawValue, "--clients", "\(clients)",
                "--seconds", "\(seconds)",
            ],
            patience: .seconds(seconds) * 3 + PerfLimits.answer
        )
        return try cluster.follow { _ in }.flatMap { $0 }.compactMap { message in
            if case .coordination(let figures) = message { figures } else { nil }
        }
    }
}
