import Logging
import Synchronization

/// Keeps what is logged.
final class LogLines: Sendable {
    fileprivate let kept = Mutex<[String]>([])

    var lines: [String] { kept.withLock { $0 } }

    /// Waits for a line with all of these words: it may come behind what it tells of.
    func wait(for words: String...) async throws {
        while !lines.contains(where: { line in words.allSatisfy { line.contains($0) } }) {
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

    private struct Handler: LogHandler {
        let lines: LogLines
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            lines.kept.withLock { $0.append("\(event.message) \(all)") }
        }
    }
}
