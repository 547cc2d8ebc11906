import ArgumentParser
import CLockstep
import Glibc
import Lockstep
import Logging

/// What every member of a measurement or a fleet is told by its parent.
struct MemberOptions: ParsableArguments {
    @Option var cluster: String
    @Option var name: String
    @Option var expecting: Int
    @Option var parent: Int32
    /// Where the cluster is asked for; nil over shared memory.
    @Option var seed: NodeAddress?
    @Option var fabric = PerfFabric.sharedMemory
    /// The folder with this member's certificate.
    @Option var credentials: String?
    /// For how long a member may be silent, in milliseconds, unless what is usual for its fabric will do.
    @Option var failureTimeout: Int?
    /// How many pollers the member has.
    @Option var pollers = 1

    /// Joins the others; those that the first view is for, unless it shall be for fewer.
    func join(regionBytes: Int, logLevel: Logger.Level = .warning, expecting: Int? = nil) async throws -> Node {
        // Nobody would read what an orphan finds out.
        guard lockstep_die_with_parent(parent) == 0 else { throw ExitCode.failure }
        var logger = Logger(label: name) { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = logLevel
        var configuration = NodeConfiguration(cluster: cluster, name: name, expecting: expecting ?? self.expecting)
        configuration.joinTimeout = PerfLimits.join
        configuration.regionBytes = regionBytes
        configuration.pollers = .count(pollers)
        if let seed {
            configuration.fabric = fabric.choice(
                forMember: Int(name.dropFirst()) ?? 0, credentials: credentials)
            configuration.seeds = [seed]
            configuration.listen = name == "m0" ? seed : NodeAddress(seed.host, port: 0)
            // All members share the processors, and a silent one cannot be told from one that waits for its turn.
            configuration.failureTimeout = .seconds(1)
        }
        if let failureTimeout { configuration.failureTimeout = .milliseconds(failureTimeout) }
        return try await Node.join(configuration, logger: logger)
    }
}

extension NodeAddress: ExpressibleByArgument {
    /// Reads what stands on a command line.
    public init?(argument: String) { self.init(argument) }
}
