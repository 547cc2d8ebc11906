import ArgumentParser

/// Measures what moves the bytes, below all that Lockstep makes of it.
struct FabricCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fabric",
        abstract: "Measure the latency and the bandwidth of one-sided writes between two members.",
        discussion: """
            Starts two member processes on this host. The first writes into the memory that the second has of it, in the \
            way in which all messages go. What is written is compared with what is seen, and the exit code is 0 if that \
            is the same.

            The latency is half of the time that a small write takes there and back: of two that look for it all the time, \
            as perftest's ib_write_lat does, and of two that sleep and are woken. The bandwidth is that of large writes, \
            of which many are on their way, as with ib_write_bw. Over shared memory, where nothing is moved, the first \
            fills them and the second reads them.

            \(HostOptions.discussion)
            """
    )

    @Option(help: "The bytes of a write whose latency is measured: a multiple of 8, up to 4096.")
    var size = 64

    @Option(help: "The bytes of a write whose bandwidth is measured: a multiple of 8, up to 4194304.")
    var bulkSize = 1 << 16

    @Option(help: "How long each of the three parts takes, in seconds.")
    var seconds = 3.0

    @OptionGroup var node: PollerOptions

    @Option(help: PerfFabric.help)
    var fabric: PerfFabric?

    @OptionGroup(title: "Across hosts") var hosts: HostOptions

    @Flag(help: "Print the result as one line of JSON.")
    var json = false

    func validate() throws {
        for (bytes, limit, name) in [
            (size, WriteSetup.sizeMax, "--size"), (bulkSize, WriteSetup.bulkSizeMax, "--bulk-size"),
        ] {
            try ValidationError.check(bytes, in: 8...limit, named: name)
            guard bytes % 8 == 0 else { throw ValidationError("\(name) must be a multiple of 8, not \(bytes).") }
        }
        try ValidationError.check(seconds: seconds)
        try hosts.check(fabric, members: WriteSetup.members)
    }

    func run() async throws {
        let setup = setup
        guard let found = try await measure(setup) else { return }
        let report = try FabricReport(setup, found.messages)
        Terminal.write(json ? report.json.line + "\n" : report.text)
    }

    private var setup: WriteSetup {
        WriteSetup(
            size: size, bulkSize: bulkSize, seconds: seconds, pollers: node.pollers, fabric: hosts.choose(fabric))
    }

    /// What both members have found; nil if the other one has it.
    private func measure(_ setup: WriteSetup) async throws -> PerfFindings? {
        if let host = try hosts.member(of: WriteSetup.members, over: fabric, pollers: node.pollers) {
            return try await host.measure(["fabric"] + setup.arguments, regionBytes: setup.regionBytes) { node, say in
                var bench = try await WriteBench(node, setup)
                say(.writes(try await bench.run()))
            }
        }
        Interruption.watch()
        let cluster = try PerfCluster(
            count: WriteSetup.members, command: FabricMember.name, arguments: setup.arguments,
            patience: .seconds(seconds) * 5 + PerfLimits.answer, fabric: setup.fabric)
        let progress = ProgressLine()
        defer { progress.clear() }
        return PerfFindings(try cluster.follow { _ in progress.show("Measuring") })
    }
}
