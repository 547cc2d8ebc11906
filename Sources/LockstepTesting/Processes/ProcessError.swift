import Glibc

/// Why a child process could not be started or watched.
public struct ProcessError: Error, CustomStringConvertible, Sendable {
    /// What was tried and what the system answered.
    public let description: String

    init(_ description: String) { self.description = description }

    /// Names what failed with the number of an error, which may be negative.
    init(doing what: String, _ number: Int32) {
        description = "Could not \(what): \(String(cString: strerror(abs(number))))."
    }
}
