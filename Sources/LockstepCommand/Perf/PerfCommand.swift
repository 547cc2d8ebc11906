import ArgumentParser

/// Measures hosts: how fast writes and messages are, and what waiting costs.
struct PerfCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "perf",
        abstract:
            "Measure how fast writes and messages are, how soon members go on without one, and what idle nodes cost.",
        subcommands: [
            FabricCommand.self, MulticastCommand.self, CallsCommand.self, FailoverCommand.self, TransferCommand.self,
            CoordinationCommand.self,
            IdleCommand.self, FabricMember.self, MulticastMember.self, CallsMember.self, TransferMember.self,
            CoordinationMember.self,
            IdleMember.self,
        ]
    )
}

/// How long a measurement waits before it says that something is wrong.
enum PerfLimits {
    /// For all members to find each other.
    static let join = Duration.seconds(20)
    /// The same where people start them, on one host after the other.
    static let joinByHand = Duration.seconds(300)
    /// For the next report of any member, beyond the time that it measures.
    static let answer = Duration.seconds(60)
    /// For a member to end, once it is told to.
    static let leave = Duration.seconds(5)
    /// The longest measurement: a day.
    static let secondsMax = 86_400.0
    /// The most groups that a member hosts.
    static let groupsMax = 10_000
    /// The ring of a group that stays idle.
    static let idleRingBytes = 4096
}

extension ValidationError {
    /// Throws a sentence if a time cannot be measured.
    static func check(seconds: Double) throws {
        guard seconds > 0, seconds <= PerfLimits.secondsMax else {
            throw ValidationError("--seconds must be more than 0 and at most 86400, not \(seconds).")
        }
    }
}
