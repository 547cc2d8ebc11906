import ArgumentParser
import CLockstep
import Lockstep

/// One member of a measurement, started by `lockstep perf idle`.
struct IdleMember: AsyncParsableCommand {
    static let name = "idle-member"
    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Be a member of a measurement. Started by 'lockstep perf idle'.",
        shouldDisplay: false
    )

    @OptionGroup var member: MemberOptions
    @Option var seconds: Double
    @Option var groups: Int

    private static let messageSize = 8

    func run() async throws {
        let node = try await member.join(regionBytes: 1 << 30)
        let group = try await exchangeMessages(node)
        // The last messages may still be on their way to others.
        try await Task.sleep(for: .milliseconds(200))
        let start = Moment.now
        try await Task.sleep(for: .seconds(seconds))
        let (end, memory) = (Moment.now, ProcessMemory.now)
        _ = group
        let figures = IdleFigures(
            nanoseconds: UInt64(end.nanoseconds - start.nanoseconds),
            processorNanoseconds: UInt64(end.processorNanoseconds - start.processorNanoseconds),
            residentBytes: memory.residentBytes, ownBytes: memory.ownBytes
        )
        try await member.stay(saying: .idle(figures))
    }

    /// Everybody sends one message, and waits for those of all.
    private func exchangeMessages(_ node: Node) async throws -> RawGroup<CountingReceiver> {
        let (stream, ended) = AsyncStream.makeStream(of: Void.self)
        let members = member.expecting
        let group = try await node.hostRaw("perf") { CountingReceiver(messageSize: 0, marks: members, ended: ended) }
        try await node.hostIdleGroups(groups - 1)
        try await group.send(byteCount: Self.messageSize) { _ = Payload.fill(&$0, number: 1) }
        for await _ in stream { break }
        return group
    }
}
