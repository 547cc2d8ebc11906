/// What went wrong with something that members share, and how to mend it.
///
/// What the cluster itself cannot do is a `LockstepError`, here as everywhere.
public struct CoordinationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of error this is. More kinds may come in later releases.
    public let code: Code
    /// Sentences that name the cause and the mend.
    public let message: String

    init(_ code: Code, _ message: String) { (self.code, self.message) = (code, message) }

    /// The message, with its code.
    public var description: String { "\(code): \(message)" }

    /// A kind of error.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The name of the kind, as in the source.
        public let description: String

        private init(_ name: String) { description = name }

        /// It was not this one's turn before the deadline. Nothing is held, and nothing waits.
        public static let timedOut = Code("timedOut")
        /// A task asks for what it holds already, and would wait for itself.
        public static let reentrant = Code("reentrant")
        /// The process was out of touch with the others for so long that they may have given away what it held.
        public static let lost = Code("lost")
        /// Somebody for whom others waited at a barrier has gone.
        public static let broken = Code("broken")
        /// Members use one name with different numbers.
        public static let differs = Code("differs")
        /// More want to take part than there is room for.
        public static let full = Code("full")
        /// A number is out of its bounds.
        public static let invalid = Code("invalid")
    }
}

extension CoordinationError {
    static func differs(_ key: String, _ known: Int, _ asked: Int) -> CoordinationError {
        CoordinationError(
            .differs,
            """
            "\(key)" is in use with \(known), and was asked for with \(asked). Use one number for one name on all members.
            """
        )
    }

    static func timedOut(_ key: String, after timeout: Duration) -> CoordinationError {
        CoordinationError(
            .timedOut, "\"\(key)\" was not to be had within \(timeout): others hold it, or have not come."
        )
    }

    static func broken(_ key: String) -> CoordinationError {
        CoordinationError(.broken, "Somebody who waited at \"\(key)\" has gone. Wait again, all of you.")
    }

    static func lost(_ key: String) -> CoordinationError {
        CoordinationError(
            .lost,
            """
            This process was cut off from the others, who may have given "\(key)" to somebody else since. What was done last \
            under its token may have been refused.
            """
        )
    }

    static func reentrant(_ key: String) -> CoordinationError {
        CoordinationError(
            .reentrant,
            """
            This task, or the one that it was started from, holds "\(key)" already, and would wait for itself. Ask for it \
            once, outside; start a task that is to wait for it with `Task.detached`.
            """
        )
    }
}
