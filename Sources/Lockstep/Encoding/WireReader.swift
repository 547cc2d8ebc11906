/// Reads what `WireWriter` wrote. Whatever the bytes are, it gives a value or throws.
///
/// A copy reads on from the same place. Nothing is allocated for a count that the bytes left cannot hold.
// Unchecked because it holds a pointer: the memory is only read, and whoever makes a reader keeps it alive.
package struct WireReader: @unchecked Sendable {
    /// The memory that is read.
    package let buffer: UnsafeRawBufferPointer
    /// How many bytes were read.
    package internal(set) var offset = 0
    /// The containers around the value that is read next.
    var depth = 0
    /// The `init(from:)` around the value that is read next.
    var calls = 0

    /// Makes a reader of memory that must outlive it.
    package init(_ buffer: UnsafeRawBufferPointer) {
        self.buffer = buffer
    }

    /// How many bytes are left.
    package var left: Int { buffer.count - offset }

    /// Checks that everything was read.
    package func finish() throws {
        guard left == 0 else { throw WireError.trailing(offset: offset, left: left) }
    }
}

// MARK: - Bytes

extension WireReader {
    /// Reads one byte.
    package mutating func readByte() throws -> UInt8 {
        try require(1)
        defer { offset += 1 }
        return buffer[offset]
    }

    /// Reads bytes, without copying them.
    package mutating func readRaw(_ count: Int) throws -> UnsafeRawBufferPointer {
        try require(count)
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: buffer[offset..<offset + count])
    }

    /// Reads an integer of 1 to 10 bytes.
    package mutating func readVarint() throws -> UInt64 {
        let start = offset
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            let byte = try readByte()
            if shift == 63, byte > 1 { break }
            value |= UInt64(byte & 0x7F) << shift
            guard byte < 0x80 else { continue }
            guard byte > 0 || shift == 0 else {
                throw WireError.malformed(offset: start, reason: "a varint is longer than it need be")
            }
            return value
        }
        throw WireError.malformed(offset: start, reason: "a varint has more than 64 bits")
    }

    /// Reads an integer in the width of its type.
    package mutating func readFixed<T: FixedWidthInteger>(_ type: T.Type = T.self) throws -> T {
        T(littleEndian: try readRaw(MemoryLayout<T>.size).loadUnaligned(as: T.self))
    }

    private func require(_ count: Int) throws {
        guard count >= 0, count <= left else {
            throw WireError.truncated(offset: offset, needed: count, left: left)
        }
    }

    /// Reads how many items follow, each of which takes at least `size` bytes.
    package mutating func readCount(size: Int = 1) throws -> Int {
        let start = offset
        let count = try readVarint()
        guard count <= UInt64(left / size) else {
            let needed = Int(clamping: count.multipliedReportingOverflow(by: UInt64(size)).partialValue)
            throw WireError.truncated(offset: start, needed: max(needed, left + 1), left: left)
        }
        return Int(count)
    }
}

// MARK: - Levels

extension WireReader {
    /// A reader of the same bytes, from another place on.
    func at(_ offset: Int) -> WireReader {
        var other = self
        other.offset = offset
        return other
    }

    /// Notes that a container begins.
    mutating func descend() throws {
        guard depth < WireLimit.depth else { throw WireError.tooDeep(limit: WireLimit.depth) }
        depth += 1
    }

    /// Reads what is in a container, one level deeper.
    mutating func readContents<R>(_ contents: (inout WireReader) throws -> R) throws -> R {
        try descend()
        defer { depth -= 1 }
        return try contents(&self)
    }

    /// The error that something else was expected where `head` stands.
    func unexpected(_ head: WireHead, expected: String, at offset: Int) -> WireError {
        .unexpected(offset: offset, found: head.name, expected: expected)
    }
}
