import ArgumentParser
import Lockstep

/// One of the two members of a measurement, started by `lockstep perf fabric`.
struct FabricMember: AsyncParsableCommand {
    static let name = "fabric-member"
    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Be a member of a measurement. Started by 'lockstep perf fabric'.",
        shouldDisplay: false
    )

    @OptionGroup var member: MemberOptions
    @Option var size: Int
    @Option var bulkSize: Int
    @Option var seconds: Double

    func run() async throws {
        let setup = WriteSetup(
            size: size, bulkSize: bulkSize, seconds: seconds, pollers: member.pollers, fabric: member.fabric)
        let node = try await member.join(regionBytes: setup.regionBytes)
        var bench = try await WriteBench(node, setup)
        try await member.stay(saying: .writes(try await bench.run()))
    }
}
