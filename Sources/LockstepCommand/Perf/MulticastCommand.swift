import ArgumentParser

/// Measures how many messages all members receive from each other, and how soon.
struct MulticastCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "multicast",
        abstract: "Measure the rate and the latency of messages that every member receives.",
        discussion: """
            Starts member processes on this host. All senders fill every byte of every message, all members add \
            up every byte that they receive, and the sums are compared.

            Two limits are measured in turn with it, in the same memory: a bare ring, that one process fills and \
            the others read, without order or agreement; and a token that goes to all the others, who sleep, and \
            comes back. With --fabric tcp a plain connection from one member to another takes the place of the ring. The \
            exit code is 0 if every member has received what was sent.

            \(HostOptions.discussion)
            """
    )

    @Option(help: "How many members there are, 1 to 64.")
    var members = 3

    @Option(help: ArgumentHelp("How many of them send: all, one, or a number.", valueName: "all|one|number"))
    var senders = SenderCount.all

    @Option(help: "The bytes of a message: 0 to a quarter of the ring, less 16.")
    var size = 1024

    @Option(help: "How long messages are sent, in seconds. The limits and the latency take as much again.")
    var seconds = 5.0

    @Option(help: "How many groups each member hosts. All but one are idle.")
    var groups = 1

    @Option(help: "The order of the messages: total, or none, which keeps only that of each sender.")
    var order = PerfOrder.total

    @Option(help: "The bytes of each sender's ring: a power of two from 4096 to 1073741824.")
    var ringBytes = 1 << 20

    @OptionGroup var node: PollerOptions

    @Option(help: PerfFabric.help)
    var fabric: PerfFabric?

    @OptionGroup(title: "Across hosts") var hosts: HostOptions

    @Flag(help: "Print the result as one line of JSON.")
    var json = false

    func validate() throws {
        try ValidationError.check(members, in: 1...64, named: "--members")
        try ValidationError.check(senders.count(of: members), in: 1...members, named: "--senders")
        try ValidationError.check(seconds: seconds)
        try hosts.check(fabric, members: members)
        try ValidationError.check(groups, in: 1...PerfLimits.groupsMax, named: "--groups")
        guard ringBytes.nonzeroBitCount == 1, (1 << 12...1 << 30).contains(ringBytes) else {
            throw ValidationError("--ring-bytes must be a power of two from 4096 to 1073741824, not \(ringBytes).")
        }
        try ValidationError.check(size, in: 0...ringBytes / 4 - 16, named: "--size")
    }

    func run() async throws {
        let setup = setup
        guard let found = try await measure(setup) else { return }
        let report = try MulticastReport(setup, found.messages, names: found.names)
        Terminal.write(json ? report.json.line + "\n" : report.text)
    }

    private var setup: MulticastSetup {
        MulticastSetup(
            members: members, senders: senders.count(of: members), size: size, seconds: seconds, groups: groups,
            order: order, ringBytes: ringBytes, pollers: node.pollers, fabric: hosts.choose(fabric)
        )
    }

    /// What all members have found; nil if another of them has it.
    private func measure(_ setup: MulticastSetup) async throws -> PerfFindings? {
        if let host = try hosts.member(of: members, over: fabric, pollers: node.pollers) {
            return try await host.measure(["multicast"] + setup.arguments, regionBytes: setup.regionBytes) {
                try await setup.measure(with: $0, $1)
            }
        }
        Interruption.watch()
        let messages = try PerfCluster.measure(
            members, command: MulticastMember.name, arguments: setup.arguments, plan: MulticastPlan(seconds: seconds),
            silentRoundsMax: 2, fabric: setup.fabric)
        return PerfFindings(messages)
    }
}

/// The order of the messages of a group.
enum PerfOrder: String, ExpressibleByArgument, CaseIterable {
    case total
    case none
}
