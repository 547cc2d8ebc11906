import ArgumentParser
import CLockstep
import Glibc
import Lockstep
import Logging
import ServiceLifecycle
import UnixSignals

/// One member of the demonstration, started by `lockstep demo`.
struct DemoMember: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo-member",
        abstract: "Be a member of a demonstration. Started by 'lockstep demo'.",
        shouldDisplay: false
    )

    @Option var cluster: String
    @Option var name: String
    @Option var expecting: Int
    @Option var seconds: Int
    @Option var callers: Int
    @Option var parent: Int32

    func run() async throws {
        // Nobody would read what an orphan finds out.
        guard lockstep_die_with_parent(parent) == 0 else { throw ExitCode.failure }
        var logger = Logger(label: name) { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        let log = logger
        try await endWell {
            let node = try await Node.join(nodeConfiguration, logger: log)
            let load = DemoLoad(node: node, name: name, seconds: seconds, callers: callers)
            try await serviceGroup(node, load, log).run()
        }
    }

    private var nodeConfiguration: NodeConfiguration {
        var configuration = NodeConfiguration(cluster: cluster, name: name, expecting: expecting)
        configuration.joinTimeout = DemoLimits.join
        return configuration
    }

    /// The load ends before the node leaves: services stop in the reverse order.
    private func serviceGroup(_ node: Node, _ load: DemoLoad, _ logger: Logger) -> ServiceGroup {
        ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: node), .init(service: load)],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
    }
}

/// How long a demonstration waits before it says that something is wrong.
enum DemoLimits {
    /// For all members to find each other.
    static let join = Duration.seconds(20)
    /// For the first sign of life after that, or the result after the last call.
    static let answer = Duration.seconds(15)
    /// For a member to leave, once asked to.
    static let leave = Duration.seconds(5)
}
