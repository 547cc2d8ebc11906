import Glibc

/// A line that is written over and over, if somebody watches: only to a terminal, and not into the output.
struct ProgressLine {
    private let isShown = isatty(STDERR_FILENO) == 1

    /// Replaces what the line said before.
    func show(_ text: String) { write("\r\(text)\u{1B}[K") }

    /// Takes the line away.
    func clear() { write("\r\u{1B}[K") }

    private func write(_ text: String) {
        guard isShown else { return }
        _ = text.utf8.withContiguousStorageIfAvailable {
            Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count)
        }
    }
}
