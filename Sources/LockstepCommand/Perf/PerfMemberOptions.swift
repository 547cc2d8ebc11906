import ArgumentParser
import CLockstep
import Glibc
import Lockstep
import Logging

/// What every member of a measurement is told by its parent.
struct PerfMemberOptions: ParsableArguments {
    @Option var cluster: String
    @Option var name: String
    @Option var expecting: Int
    @Option var parent: Int32

    /// Joins the others.
    func join(regionBytes: Int) async throws -> Node {
        // Nobody would read what an orphan finds out.
        guard lockstep_die_with_parent(parent) == 0 else { throw ExitCode.failure }
        var logger = Logger(label: name) { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        var configuration = NodeConfiguration(cluster: cluster, name: name, expecting: expecting)
        configuration.joinTimeout = PerfLimits.join
        configuration.regionBytes = regionBytes
        return try await Node.join(configuration, logger: logger)
    }

    /// Says what was found out, and stays for the others until the parent ends this process.
    func stay(saying message: PerfMessage) async throws {
        Terminal.writeLine(message.line)
        while true { try await Task.sleep(for: .seconds(PerfLimits.secondsMax)) }
    }
}

extension Node {
    /// Hosts groups that nothing is sent to.
    func hostIdleGroups(_ count: Int) async throws {
        var options = GroupOptions()
        options.ringBytes = PerfLimits.idleRingBytes
        for number in 0..<count {
            _ = try await hostRaw(GroupID("idle-\(number)"), options: options) { IdleReceiver() }
        }
    }
}

private struct IdleReceiver: RawReceiver {
    mutating func receive(_ message: RawMessage, _ bytes: RawSpan) {}
}
