import ArgumentParser

/// The command line of Lockstep.
@main
struct LockstepCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lockstep",
        abstract: "Replicated distributed actors: try them, test them, check this host.",
        discussion: """
            Lockstep keeps a copy of a distributed actor on every member of a group, and runs every update \
            on all copies in one order.

            Begin with 'lockstep demo': it starts three processes that share one actor, and shows them work.
            """,
        version: "0.1.0",
        subcommands: commands
    )

    private static var commands: [any ParsableCommand.Type] {
        var commands: [any ParsableCommand.Type] = [
            DemoCommand.self, PerfCommand.self, SimCommand.self, SoakCommand.self, StatusCommand.self,
            DoctorCommand.self,
        ]
        #if TLS
            commands.append(CertificateCommand.self)
        #endif
        commands += [DemoMember.self, FleetWorker.self]
        return commands
    }
}
