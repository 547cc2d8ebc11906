import Glibc

/// What a command writes to.
enum Terminal {
    /// True if people look at the output, and have not asked for plain text.
    static var isLive: Bool { isatty(STDOUT_FILENO) == 1 && allowsColor && !isDumb }

    /// True if colours are welcome.
    static var hasColor: Bool { isLive }

    // https://no-color.org: set, and not empty.
    private static var allowsColor: Bool { getenv("NO_COLOR").map { $0.pointee == 0 } ?? true }

    private static var isDumb: Bool { getenv("TERM").map { String(cString: $0) == "dumb" } ?? true }

    /// The width and height in characters.
    static var size: (columns: Int, rows: Int) {
        var size = winsize()
        let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        return isKnown ? (Int(size.ws_col), Int(size.ws_row)) : (80, 24)
    }

    /// Writes at once: a process that is killed has said what it has written.
    static func write(_ text: String) {
        var bytes = ArraySlice(text.utf8)
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count > 0 { bytes = bytes.dropFirst(count) } else if errno != EINTR { return }
        }
    }

    /// Writes one line at once.
    static func writeLine(_ line: String = "") { write(line + "\n") }
}

/// How a text looks on a terminal.
enum Style: String {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case blue = "34"
    case magenta = "35"
    case cyan = "36"

    /// Wraps a text, whose visible length stays the same.
    func callAsFunction(_ text: String) -> String { "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" }
}
