/// Makes lines of bytes that come in pieces.
struct LineSplitter: Sendable {
    /// A longer line is broken, so that a process without line ends cannot fill the memory.
    static let lengthMax = 65_536

    private var rest: [UInt8] = []

    /// Takes the next bytes and gives the lines that they complete.
    mutating func add(_ bytes: some Sequence<UInt8>) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                lines.append(takeRest())
            } else {
                rest.append(byte)
                if rest.count == Self.lengthMax { lines.append(takeRest()) }
            }
        }
        return lines
    }

    /// Gives the last line, if it had no end.
    mutating func finish() -> [String] { rest.isEmpty ? [] : [takeRest()] }

    private mutating func takeRest() -> String {
        defer { rest.removeAll(keepingCapacity: true) }
        return String(decoding: rest, as: UTF8.self)
    }
}
