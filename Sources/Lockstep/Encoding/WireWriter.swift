/// Writes values as bytes.
///
/// Every value begins with a byte that says what it is, so that readers can check and skip what they do not
/// know. There is one way to write each value: equal values have equal bytes.
///
/// | first byte | value | what follows |
/// | --- | --- | --- |
/// | `00`–`7F` | the integers 0 to 127 | |
/// | `80`–`BF` | a string of 0 to 63 bytes | UTF-8 |
/// | `C0` | nil | |
/// | `C1` | some, only before a value that begins with `C0` or `C1` itself | the value |
/// | `C2`, `C3` | false, true | |
/// | `C4` | a larger integer below 2⁶⁴ | a varint |
/// | `C5` | a negative integer n, −2⁶⁴ or above | the varint of −1 − n |
/// | `C6`, `C7` | wider integers, as above | 16 bytes |
/// | `C8`, `C9` | `Float`, `Double` | the bits, 4 or 8 bytes |
/// | `CA` | a longer string | a varint count, UTF-8 |
/// | `CB` | bytes | a varint count, the bytes |
/// | `CC` | array | a varint count, the elements |
/// | `CD` | set | a varint count, the elements in ascending order of their bytes |
/// | `CE` | map | a varint count, keys and values in ascending order of the bytes of the keys |
///
/// Numbers of a fixed width are little-endian. A varint has 7 bits a byte, the lowest first, the top bit set
/// in all but the last byte, and no superfluous bytes. The width of an integer type is not written. Keyed
/// containers are maps whose keys are strings.
///
/// `docs/encoding.md` has the whole of it, with examples.
public struct WireWriter: ~Copyable, Sendable {
    /// What was written so far.
    @usableFromInline var room: WireRoom
    /// True if all NaNs are written alike: for hashes, where a NaN's bits must not matter.
    @usableFromInline let unifiesNaN: Bool
    /// The containers around the value that is written next.
    @usableFromInline var depth = 0
    /// The `encode(to:)` around the value that is written next.
    var calls = 0

    /// Makes an empty writer.
    public init() { self.init(room: WireRoom()) }

    /// Makes a writer that fills lent memory first, and moves to its own if that is too small. The lent memory must
    /// outlive the writer, and nobody else may use it.
    public init(lent memory: UnsafeMutableRawBufferPointer) { self.init(room: WireRoom(lent: memory)) }

    /// Makes a writer for hashes.
    init(lent memory: UnsafeMutableRawBufferPointer, unifiesNaN: Bool) {
        self.init(room: WireRoom(lent: memory), unifiesNaN: unifiesNaN)
    }

    /// Makes a writer that goes on where another one stopped.
    @usableFromInline
    init(room: consuming WireRoom, unifiesNaN: Bool = false) {
        self.room = room
        self.unifiesNaN = unifiesNaN
    }

    /// Makes an empty writer for parts of what another one writes.
    init(nestedIn other: borrowing WireWriter) {
        self.init(room: WireRoom(), unifiesNaN: other.unifiesNaN)
        depth = other.depth
        calls = other.calls
    }

    /// How many bytes were written so far.
    @inlinable public var count: Int { room.count }

    /// What was written so far, copied.
    public var bytes: [UInt8] { Array(room.filled) }

    /// Lets something read what was written so far.
    public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R { try body(room.filled) }
}

// MARK: - Bytes

extension WireWriter {
    /// Appends one byte.
    @inlinable
    mutating func writeByte(_ byte: UInt8) {
        room.reserve(1)
        room.store(byte)
    }

    /// Appends bytes as they are, without their count.
    @inlinable
    mutating func writeRaw(_ more: UnsafeRawBufferPointer) {
        guard let start = more.baseAddress else { return }
        room.reserve(more.count)
        room.store(from: start, count: more.count)
    }

    /// Appends an integer in the width of its type, little-endian.
    mutating func writeFixed<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) {
        room.reserve(MemoryLayout<T>.size)
        room.store(value)
    }

    /// Forgets everything, but keeps the memory.
    @inlinable public mutating func removeAll() { room.count = 0 }

    /// Forgets what was written after a point.
    mutating func truncate(to count: Int) { room.count = count }
}

// MARK: - Heads of values

extension WireWriter {
    @inlinable
    mutating func writeTag(_ tag: WireTag) { writeByte(tag.rawValue) }

    /// Appends a tag and an integer in 1 to 10 bytes.
    @inlinable
    mutating func writeHead(_ tag: WireTag, size: UInt64) {
        room.reserve(11)
        room.store(tag.rawValue)
        room.storeVarint(size)
    }

    @inlinable
    mutating func writeHead(_ tag: WireTag, count: Int) { writeHead(tag, size: UInt64(count)) }

    /// Writes a container: its head, then whatever `contents` writes, one level deeper.
    @inlinable
    mutating func writeContainer(
        _ tag: WireTag,
        count: Int,
        contents: (inout WireWriter) throws -> Void
    ) throws {
        try descend()
        defer { depth -= 1 }
        writeHead(tag, count: count)
        try contents(&self)
    }

    /// Notes that a container begins.
    @inlinable
    mutating func descend() throws {
        guard depth < WireLimit.depth else { throw Self.tooDeep }
        depth += 1
    }

    @usableFromInline static var tooDeep: any Error { WireError.tooDeep(limit: WireLimit.depth) }

    /// Marks the value that was written from `start` on as present, if it could be taken for nil.
    @inlinable
    mutating func markPresent(from start: Int) {
        if Self.needsMark(room.filled[start]) { insertMark(at: start) }
    }

    @usableFromInline @inline(never)
    mutating func insertMark(at start: Int) { room.insert(WireTag.some.rawValue, at: start) }

    /// True if a value that begins with this byte is marked when it is in an optional.
    @inlinable
    static func needsMark(_ first: UInt8) -> Bool {
        first == WireTag.absent.rawValue || first == WireTag.some.rawValue
    }
}
