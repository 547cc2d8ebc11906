/// Reads what `WireWriter` wrote. Whatever the bytes are, it gives a value or throws.
///
/// A copy reads on from the same place. Nothing is allocated for a count that the bytes left cannot hold.
public struct WireReader: @unchecked Sendable {
    // Unchecked because it holds a pointer: the memory is only read, and whoever makes a reader keeps it alive.

    /// Where the memory that is read begins.
    @usableFromInline let base: UnsafeRawPointer
    /// How many bytes there are.
    @usableFromInline let count: Int
    /// How many bytes were read.
    @usableFromInline var offset = 0
    /// The containers around the value that is read next.
    @usableFromInline var depth = 0
    /// The `init(from:)` around the value that is read next.
    var calls = 0

    /// Makes a reader of memory that must outlive it.
    public init(_ buffer: UnsafeRawBufferPointer) {
        base = buffer.baseAddress ?? UnsafeRawPointer(bitPattern: 16).unsafelyUnwrapped
        count = buffer.count
    }

    /// The memory that is read.
    var buffer: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// How many bytes are left.
    @inlinable var left: Int { count &- offset }

    /// Checks that everything was read.
    @inlinable
    public func finish() throws {
        guard left == 0 else { throw trailing }
    }

    @usableFromInline var trailing: any Error { WireError.trailing(offset: offset, left: left) }
}

// MARK: - Bytes

extension WireReader {
    /// The next byte, which is not read yet; nil at the end.
    @inlinable @inline(__always)
    func peekByte() -> UInt8? { offset < count ? base.load(fromByteOffset: offset, as: UInt8.self) : nil }

    /// Reads one byte.
    @inlinable
    mutating func readByte() throws -> UInt8 {
        guard let byte = peekByte() else { throw truncated(by: 1) }
        offset &+= 1
        return byte
    }

    /// Reads bytes, without copying them.
    mutating func readRaw(_ count: Int) throws -> UnsafeRawBufferPointer {
        try require(count)
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: buffer[offset..<offset + count])
    }

    /// Reads an integer of 1 to 10 bytes.
    @inlinable
    mutating func readVarint() throws -> UInt64 {
        guard count >= 8, left > 0 else { return try readVarintByBytes() }
        // Near the end, the last bytes that there are, with zeros behind them, which no varint of more than one byte has.
        let missing = max(0, 8 &- left)
        let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset &- missing, as: UInt64.self))
        guard let (value, size) = WireVarint.read(word &>> UInt64(missing &* 8)), size <= left else {
            return try readVarintByBytes()
        }
        offset &+= size
        return value
    }

    /// The same for what takes more than 8 bytes, for what is none, and in few bytes.
    @usableFromInline @inline(never)
    mutating func readVarintByBytes() throws -> UInt64 {
        let start = offset
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try readByte()
            value |= UInt64(byte & 0x7F) &<< shift
            if byte < 0x80 {
                guard byte > 0 || shift == 0, shift < 63 || byte == 1 else { throw badVarint(at: start, last: byte) }
                return value
            }
            guard shift < 63 else { throw badVarint(at: start, last: byte) }
            shift += 7
        }
    }

    @usableFromInline @inline(never)
    func badVarint(at start: Int, last: UInt8) -> any Error {
        let reason = last == 0 ? "a varint is longer than it need be" : "a varint has more than 64 bits"
        return WireError.malformed(offset: start, reason: reason)
    }

    /// Reads an integer in the width of its type.
    mutating func readFixed<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type = T.self) throws -> T {
        T(littleEndian: try readRaw(MemoryLayout<T>.size).loadUnaligned(as: T.self))
    }

    private func require(_ count: Int) throws {
        guard count >= 0, count <= left else { throw truncated(by: count) }
    }

    @usableFromInline @inline(never)
    func truncated(by needed: Int) -> any Error {
        WireError.truncated(offset: offset, needed: needed, left: left)
    }

    /// Reads how many items follow, each of which takes at least `size` bytes.
    // Inlined for the sake of the division, which is one by a constant then.
    @inlinable @inline(__always)
    mutating func readCount(size: Int = 1) throws -> Int {
        let start = offset
        let count: UInt64
        if let byte = peekByte(), byte < 0x80 {
            offset &+= 1
            count = UInt64(byte)
        } else {
            count = try readVarint()
        }
        guard count <= UInt64(left / size) else { throw tooMany(count, size: size, at: start) }
        return Int(count)
    }

    @usableFromInline @inline(never)
    func tooMany(_ count: UInt64, size: Int, at start: Int) -> any Error {
        let needed = Int(clamping: count.multipliedReportingOverflow(by: UInt64(size)).partialValue)
        return WireError.truncated(offset: start, needed: max(needed, left + 1), left: left)
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
    @inlinable
    mutating func descend() throws {
        guard depth < WireLimit.depth else { throw WireWriter.tooDeep }
        depth += 1
    }

    /// Reads what is in a container, one level deeper.
    @inlinable
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
