import ArgumentParser
import Foundation

/// Measures every case, with MPI beside it, and writes the table and the plots.
///
/// `Benchmarks/run` builds what this starts.
@main
struct TableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "Benchmarks/run",
        abstract: "Measure multicast throughput and latency, with MPI_Bcast beside it.",
        discussion: "Exit status: 0 if every run succeeded, 1 if one failed; its row says so."
    )

    @Argument(help: ArgumentHelp("The folder Benchmarks of the repository.", visibility: .private))
    var benchmarks: String

    @Option(help: "How long each run takes. (default: 3, with --quick 1)")
    var seconds: Double?

    @Flag(help: "Only a few cases, for a check that everything works.")
    var quick = false

    @Option(help: ArgumentHelp("Only the cases whose name, such as 3/all/1024, contains this.", valueName: "text"))
    var only: String?

    @Option(help: ArgumentHelp("Where README.md and plots/ are written, instead of Benchmarks.", valueName: "folder"))
    var output: String?

    @Flag(help: "Print the table, and write nothing.")
    var check = false

    @Option(help: ArgumentHelp("The command to measure, instead of the one built.", visibility: .hidden))
    var lockstep: String?

    func validate() throws {
        guard (0.1...3600).contains(duration) else { throw ValidationError("--seconds must be 0.1 to 3600.") }
        guard !cases.isEmpty else { throw ValidationError("No case has a name that contains '\(only ?? "")'.") }
    }

    func run() throws {
        let folder = URL(fileURLWithPath: benchmarks, isDirectory: true)
        let runner = Runner(
            lockstep: lockstep ?? folder.appending(path: "../.build-release/release/lockstep").path,
            mpi: MessagePassing(program: folder.appending(path: ".build/broadcast")),
            seconds: duration
        )
        let rows = cases.enumerated().map { place, one in
            Progress.show("\(place + 1) of \(cases.count): \(one.name)")
            return runner.measure(one)
        }
        let report = Report(rows: rows, runner: runner, command: command)
        print(report.text(plots: []), terminator: "")
        if !check { try write(report, to: output.map { URL(fileURLWithPath: $0, isDirectory: true) } ?? folder) }
        guard rows.allSatisfy({ !$0.hasFailed }) else { throw ExitCode.failure }
    }

    private var duration: Double { seconds ?? (quick ? 1 : 3) }

    private var cases: [Case] {
        (quick ? Case.few : Case.all).filter { one in only.map { one.name.contains($0) } ?? true }
    }

    /// What the user typed: the first argument is the script's own.
    private var command: String {
        (["Benchmarks/run"] + CommandLine.arguments.dropFirst(2)).joined(separator: " ")
    }

    private func write(_ report: Report, to folder: URL) throws {
        let plots = Plots.all(of: report.rows)
        let plotFolder = folder.appending(path: "plots", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: plotFolder, withIntermediateDirectories: true)
        for plot in plots {
            try Data(plot.svg.utf8).write(to: plotFolder.appending(path: plot.file))
        }
        let document = folder.appending(path: "README.md")
        let before = try? String(contentsOf: document, encoding: .utf8)
        let after = try Markers.replace(in: before ?? Markers.empty, with: report.text(plots: plots))
        try Data(after.utf8).write(to: document)
        Progress.show("Written: \(document.path)")
    }
}
