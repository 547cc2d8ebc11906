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
package struct WireWriter: Sendable {
    /// What was written so far.
    package private(set) var bytes: [UInt8] = []
    /// True if all NaNs are written alike: for hashes, where a NaN's bits must not matter.
    let unifiesNaN: Bool
    /// The containers around the value that is written next.
    var depth = 0
    /// The `encode(to:)` around the value that is written next.
    var calls = 0

    /// Makes an empty writer.
    package init(unifiesNaN: Bool = false) {
        self.unifiesNaN = unifiesNaN
    }

    /// Makes an empty writer for parts of what another one writes.
    init(nestedIn other: WireWriter) {
        unifiesNaN = other.unifiesNaN
        depth = other.depth
        calls = other.calls
    }
}

// MARK: - Bytes

extension WireWriter {
    /// Appends one byte.
    package mutating func writeByte(_ byte: UInt8) {
        bytes.append(byte)
    }

    /// Appends bytes as they are, without their count.
    package mutating func writeRaw(_ more: some Collection<UInt8>) {
        bytes.append(contentsOf: more)
    }

    /// Appends an integer in 1 to 10 bytes.
    package mutating func writeVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Appends an integer in the width of its type, little-endian.
    package mutating func writeFixed<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Forgets everything, but keeps the memory.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
    }

    /// Forgets what was written after a point.
    mutating func truncate(to count: Int) {
        bytes.removeLast(bytes.count - count)
    }
}

// MARK: - Heads of values

extension WireWriter {
    mutating func writeTag(_ tag: WireTag) {
        bytes.append(tag.rawValue)
    }

    mutating func writeHead(_ tag: WireTag, count: Int) {
        bytes.append(tag.rawValue)
        writeVarint(UInt64(count))
    }

    /// Writes a container: its head, then whatever `contents` writes, one level deeper.
    mutating func writeContainer(
        _ tag: WireTag,
        count: Int,
        contents: (inout WireWriter) throws -> Void
    ) throws {
        guard depth < WireLimit.depth else { throw WireError.tooDeep(limit: WireLimit.depth) }
        depth += 1
        defer { depth -= 1 }
        writeHead(tag, count: count)
        try contents(&self)
    }

    /// Marks the value that was written from `start` on as present, if it could be taken for nil.
    mutating func markPresent(from start: Int) {
        if Self.needsMark(bytes[start]) { bytes.insert(WireTag.some.rawValue, at: start) }
    }

    /// True if a value that begins with this byte is marked when it is in an optional.
    static func needsMark(_ first: UInt8) -> Bool {
        first == WireTag.absent.rawValue || first == WireTag.some.rawValue
    }
}
