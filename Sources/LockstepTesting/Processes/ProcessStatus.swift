import Glibc

/// How a process ended.
public enum ProcessStatus: Sendable, Hashable {
    /// It ended by itself, with this code.
    case code(Int32)
    /// This signal ended it.
    case signal(Int32)

    /// Reads a status as shells write it: above 128, the signal is the rest.
    init(shell status: Int32) {
        self = status > 128 ? .signal(status - 128) : .code(status)
    }

    /// True if the process ended by itself and well.
    public var isSuccess: Bool { self == .code(0) }
}

extension ProcessStatus: CustomStringConvertible {
    /// What happened, as the end of a sentence that begins with the name of the process.
    public var description: String {
        switch self {
        case .code(let code): "ended with exit code \(code)"
        case .signal(let signal):
            "was ended by signal \(signal)" + (strsignal(signal).map { " (\(String(cString: $0)))" } ?? "")
        }
    }
}
