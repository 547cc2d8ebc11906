import Glibc
import LockstepTesting

/// What the parent knows of one member.
struct DemoWatch {
    let name: String
    let process: ChildProcess
    private(set) var progress: DemoProgress?
    private(set) var result: DemoResult?
    /// How it ended while it should have run.
    private(set) var earlyEnd: ProcessStatus?
    /// Calls per second in each of the last reports.
    private(set) var rates: [Double] = []
    /// The last lines that are no messages.
    private(set) var log: [String] = []

    private static let ratesMax = 64
    private static let logMax = 8

    /// Starts a member.
    init(name: String, executable: String, arguments: [String]) throws(ProcessError) {
        self.name = name
        process = try ChildProcess(executable, arguments + ["--name", name])
    }

    /// The name of a member by number: names that are easy to tell apart.
    static func name(_ number: Int) -> String {
        let names = [
            "alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliett",
            "kilo", "lima", "mike", "november", "oscar", "papa", "quebec", "romeo", "sierra", "tango",
            "uniform", "victor", "whiskey", "xray", "yankee", "zulu",
        ]
        let round = number / names.count
        return names[number % names.count] + (round == 0 ? "" : "\(round + 1)")
    }

    /// Reads what has come.
    mutating func update() {
        for line in process.newLines() { read(line) }
        // Its last lines come before its end.
        if process.isAtEnd, earlyEnd == nil { earlyEnd = process.status }
    }

    private mutating func read(_ line: String) {
        switch DemoMessage(line) {
        case .progress(let next):
            if let last = progress { note(from: last, to: next) }
            progress = next
        case .result(let result):
            self.result = result
        case nil:
            log = (log + [line]).suffix(Self.logMax)
        }
    }

    private mutating func note(from last: DemoProgress, to next: DemoProgress) {
        guard next.nanoseconds > last.nanoseconds, next.calls >= last.calls else { return }
        let seconds = Double(next.nanoseconds - last.nanoseconds) / 1e9
        rates = (rates + [Double(next.calls - last.calls) / seconds]).suffix(Self.ratesMax)
    }

    // MARK: - State

    /// True if it runs and has its view.
    var hasBegun: Bool { progress != nil || result != nil }

    /// True if nothing more is expected of it.
    var isOver: Bool { result != nil || earlyEnd != nil }

    /// Calls per second by the last report.
    var rate: Double { isOver ? 0 : rates.last ?? 0 }

    /// What happened to it, if it ended early.
    var obituary: String? { earlyEnd.map { "\(name) (process \(process.id)) \($0)." } }
}
