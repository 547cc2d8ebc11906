/// The table with what has to be known to read it, as Markdown.
struct Report {
    let rows: [Row]
    let runner: Runner
    /// What the user typed.
    let command: String

    private static let heading = [
        "members", "senders", "size", "msg/s", "GB/s", "of the ring's limit", "CPU/msg", "p50", "p99", "wake limit",
        "MPI_Bcast msg/s", "× MPI_Bcast",
    ]

    /// The plots, which are files beside the document, come before the table.
    func text(plots: [Plot]) -> String {
        let images = plots.map { "![\($0.title)](plots/\($0.file))\n" }
        return ([preface] + images + [table] + notes).joined(separator: "\n")
    }

    private var preface: String {
        let perf = Runner.arguments(members: "N", senders: "one|all", size: "BYTES", seconds: runner.seconds)
        let rings = Set(rows.compactMap(\.place.ringBytes)).sorted().map { " [--ring-bytes \($0)]" }
        let mpi = MessagePassing.launch + ["-np", "N", "broadcast", "BYTES", runner.seconds.short]
        let lines = [command, "    lockstep " + perf.joined(separator: " ") + rings.joined()]
        let mpiLines = runner.mpi.version == nil ? [] : ["    " + mpi.joined(separator: " ")]
        let version = runner.mpi.version.map { " \($0)." } ?? ""
        return """
            \(Machine.date), \(Machine.text).\(version)

            ```
            \((lines + mpiLines).joined(separator: "\n"))
            ```

            """
    }

    private var table: String {
        // Names stand at the left of their column, numbers at the right.
        let rule = Report.heading.map { $0 == "senders" ? ":--" : "--:" }
        return ([Report.heading, rule] + rows.map(cells)).map { "| \($0.joined(separator: " | ")) |\n" }.joined()
    }

    private func cells(_ row: Row) -> [String] {
        ["\(row.place.members)", row.place.senders.rawValue, row.place.size.asBytes] + lockstepCells(row)
            + mpiCells(row)
    }

    private func lockstepCells(_ row: Row) -> [String] {
        guard let one = row.lockstep.value else {
            return ["**failed**: \(row.lockstep.failure ?? "")"] + [String](repeating: "", count: 6)
        }
        let limit = one.ringLimitMessagesPerSecond
        return [
            one.messagesPerSecond.threeDigits,
            (one.bytesPerSecond / 1e9).threeDigits,
            limit.map { "\((100 * one.messagesPerSecond / $0).threeDigits) %" } ?? "–",
            one.cpuNanosecondsPerMessage.asNanoseconds,
            one.latencyNanoseconds?.p50.asNanoseconds ?? "–",
            one.latencyNanoseconds?.p99.asNanoseconds ?? "–",
            one.wakeLimitNanoseconds?.asNanoseconds ?? "–",
        ]
    }

    private func mpiCells(_ row: Row) -> [String] {
        switch row.mpi {
        case .absent(let why): [why, ""]
        case .failed(let why): ["**failed**: \(why)", ""]
        case .done(let one):
            [
                one.messagesPerSecond.threeDigits,
                row.lockstep.value.map { ($0.messagesPerSecond / one.messagesPerSecond).threeDigits } ?? "",
            ]
        }
    }

    private var notes: [String] {
        guard runner.mpi.version == nil else { return [] }
        return ["Open MPI is not installed here. Debian and Ubuntu call it openmpi-bin and libopenmpi-dev.\n"]
    }
}
