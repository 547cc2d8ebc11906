import ArgumentParser

/// Measures how long a newcomer waits for the state of a group.
struct TransferCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transfer",
        abstract: "Measure how long it takes to give a newcomer the state of a group.",
        discussion: """
            Starts two member processes on this host. The first has a state; the second joins, hosts the group, waits \
            until it has the state, and leaves, again and again. A trial takes from when it hosts the group until it is \
            a replica with the state.
            """
    )

    @Option(help: "How large the state is, in bytes, up to 16 GiB.")
    var state = 100_000_000

    @Option(help: "What it is: bytes in one array, or a map with entries of two 8-byte integers.")
    var shape = TransferShape.bytes

    @Option(help: "How often, 1 to 1000.")
    var trials = 5

    @Flag(help: "Print the result as one line of JSON.")
    var json = false

    func validate() throws {
        try ValidationError.check(state, in: 0...16 << 30, named: "--state")
        try ValidationError.check(trials, in: 1...1000, named: "--trials")
    }

    func run() throws {
        Interruption.watch()
        let report = TransferReport(shape: shape, bytes: state, trials: try measure())
        Terminal.write(json ? report.json.line + "\n" : report.text)
    }

    private func measure() throws -> [TransferFigures] {
        let cluster = try PerfCluster(
            count: 2, command: TransferMember.name,
            arguments: ["--state", "\(state)", "--shape", shape.rawValue, "--trials", "\(trials)"],
            patience: PerfLimits.answer
        )
        let progress = ProgressLine()
        defer { progress.clear() }
        progress.show("The state is being made")
        let messages = try cluster.follow { messages in
            if let done = messages.last?.count, done > 0 { progress.show("Trial \(done + 1) of \(trials)") }
        }
        return messages.last?.compactMap { if case .transfer(let figures) = $0 { figures } else { nil } }
            ?? []
    }
}

/// How long a newcomer waited for its state.
struct TransferReport {
    let shape: TransferShape
    let bytes: Int
    let trials: [TransferFigures]

    private var times: [UInt64] { trials.map(\.nanoseconds) }
    private var median: UInt64 { times.sorted()[trials.count / 2] }
    /// The rate at which memory that was not in use could be filled, right before each trial.
    private var memoryBytesPerSecond: Double {
        Double(bytes) / (Double(trials.map(\.memoryNanoseconds).sorted()[trials.count / 2]) / 1e9)
    }
    private var bytesPerSecond: Double { Double(bytes) / (Double(median) / 1e9) }

    var json: JSONText {
        .object([
            "shape": .text(shape.rawValue),
            "stateBytes": .integer(UInt64(bytes)),
            "trials": .integer(UInt64(trials.count)),
            "milliseconds": .number(Double(median) / 1e6, digits: 3),
            "bytesPerSecond": .number(bytesPerSecond, digits: 0),
            "memoryBytesPerSecond": .number(memoryBytesPerSecond, digits: 0),
            "trialMilliseconds": .list(times.map { .number(Double($0) / 1e6, digits: 3) }),
            "debugBuild": .flag(MulticastReport.isDebugBuild),
        ])
    }

    var text: String {
        let what = shape == .bytes ? "one array" : "a map of \(shape.count(of: bytes).grouped) entries"
        return MulticastReport.table(
            "A newcomer gets a state of \(bytes.grouped) bytes, in \(what).",
            [
                ("time", "\(median.asNanoseconds)   at most \((times.max() ?? 0).asNanoseconds)"),
                ("rate", bytesPerSecond.asBytesPerSecond),
                ("memory that was not in use is filled at", memoryBytesPerSecond.asBytesPerSecond),
            ]
        )
    }
}
