import CLockstep
import Logging

/// Tells the log whom this node turns away: one line a second at most, so that nobody can fill it.
struct DoorLog {
    private let logger: Logger
    private var quietUntil = Int64.min
    private var untold = 0

    init(_ logger: Logger) { self.logger = logger }

    /// - Parameter sentence: What the process was told.
    mutating func note(process: Int32, told sentence: String) {
        note(["process": "\(process)", "told": "\(sentence)"])
    }

    /// A caller from another host that could be told nothing.
    mutating func note(because sentence: String) { note(["because": "\(sentence)"]) }

    private mutating func note(_ metadata: Logger.Metadata) {
        let now = lockstep_monotonic_ns()
        guard now >= quietUntil else {
            untold += 1
            return
        }
        logger.warning(
            "a process was turned away",
            metadata: metadata.merging(["others since the last line": "\(untold)"]) { $1 })
        (quietUntil, untold) = (now + 1_000_000_000, 0)
    }
}
