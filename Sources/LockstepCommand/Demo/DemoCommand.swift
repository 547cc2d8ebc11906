import ArgumentParser

/// Shows replication at work: several processes, one actor.
struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Watch several processes keep one actor equal.",
        discussion: """
            Starts member processes on this host. They find each other, share one inventory, and change it \
            from many tasks at once. At the end the copies are compared. The exit code is 0 if all are equal \
            and every call was answered.

            To see a failure, end a member with 'kill -9' while it runs: its number is in the output. With --kill that \
            is done about once a second, and another process takes the place of the dead one. Then every update whose \
            result anybody has must be on every copy exactly once.
            """
    )

    @Option(help: "How many member processes to start, 1 to 64.")
    var members = 3

    @Option(help: "How long they call, in seconds.")
    var seconds = 5

    @Option(help: "How many tasks call at the same time, in each member.")
    var callers = 16

    @Flag(help: "Kill a member with -9 each second, and start another in its place.")
    var kill = false

    @Flag(help: "Print plain lines instead of a live display.")
    var plain = false

    func validate() throws {
        // Without one of three there is still a majority.
        try ValidationError.check(
            members, in: kill ? 3...16 : 1...64, named: kill ? "--members with --kill" : "--members")
        try ValidationError.check(seconds, in: 1...86_400, named: "--seconds")
        try ValidationError.check(
            callers, in: 1...(kill ? FleetSheet.callersMax : 1024), named: kill ? "--callers with --kill" : "--callers")
    }

    func run() throws {
        Interruption.watch()
        if kill { return try DemoKilling(members: members, seconds: seconds, callers: callers).run() }
        let display: any DemoDisplay =
            Terminal.isLive && !plain ? LiveDisplay(seconds: seconds) : PlainDisplay()
        let run = DemoRun(members: members, seconds: seconds, callers: callers, display: display)
        try run.run()
    }
}

/// What shows a demonstration while it runs.
protocol DemoDisplay: AnyObject {
    /// Shows the members as they are, if it is time to.
    func show(_ members: [DemoWatch])

    /// Says what has happened, between two pictures.
    func note(_ sentence: String)

    /// Shows the members a last time, and leaves the terminal as it was.
    func finish(_ members: [DemoWatch])
}
