import LockstepTesting
import Testing

/// What a run of the built `lockstep` gave.
struct CommandRun {
    let status: ProcessStatus
    let lines: [String]

    var text: String { lines.joined(separator: "\n") }

    /// Runs it to its end.
    init(_ arguments: String...) async throws { try await self.init(arguments) }

    init(_ arguments: [String]) async throws {
        (status, lines) = try await Self.start(arguments).finish(within: patience)
    }

    /// Starts it.
    static func start(_ arguments: [String]) throws -> ChildProcess {
        try ChildProcess(ExecutableFolder.path(of: "lockstep"), arguments)
    }

    /// The rows of the table at the end of a demonstration, as words.
    var table: [[Substring]] {
        let body = lines.drop { !$0.hasPrefix("member ") }.dropFirst().prefix { !$0.isEmpty }
        return body.map { $0.split(separator: " ") }
    }
}

/// The members of a demonstration and their processes, from the line that names them.
func processes(in line: String) -> [(name: Substring, process: Int32)] {
    line.dropFirst("Processes: ".count).dropLast().split(separator: ",").compactMap { item in
        let words = item.split(separator: " ")
        return words.count == 2 ? Int32(words[1]).map { (words[0], $0) } : nil
    }
}
