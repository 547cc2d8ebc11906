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
        let now = lockstep_monotonic_ns()
        guard now >= quietUntil else {
            untold += 1
            return
        }
        logger.warning(
            "a process was turned away",
            metadata: ["process": "\(process)", "told": "\(sentence)", "others since the last line": "\(untold)"])
        (quietUntil, untold) = (now + 1_000_000_000, 0)
    }
}
