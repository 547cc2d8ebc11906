// Types with the fast path write and read the same maps as keyed containers, but know the order of their names.

extension WireWriter {
    /// Appends a value with `count` fields, which `fields` writes in the order of their names.
    @inlinable @inline(__always)
    public mutating func writeFields(_ count: Int, _ fields: (inout WireWriter) throws -> Void) throws {
        try writeContainer(.map, count: count, contents: fields)
    }

    /// Appends a field of any type.
    public mutating func writeField<T: Encodable>(_ name: StaticString, _ value: T) throws {
        writeName(name)
        try write(value)
    }

    /// Appends a field with the fast path.
    @inlinable @inline(__always)
    public mutating func writeField<T: WireWritable>(_ name: StaticString, _ value: T) throws {
        writeName(name)
        try value.write(to: &self)
    }

    /// Appends a field that is an array of elements with the fast path.
    @inlinable @inline(__always)
    public mutating func writeField<T: WireWritable>(_ name: StaticString, _ value: [T]) throws {
        writeName(name)
        try write(value)
    }

    /// Appends a field of any type, unless it is nil.
    public mutating func writeField<T: Encodable>(_ name: StaticString, _ value: T?) throws {
        guard let value else { return }
        writeName(name)
        let start = count
        try write(value)
        markPresent(from: start)
    }

    /// Appends a field with the fast path, unless it is nil.
    @inlinable @inline(__always)
    public mutating func writeField<T: WireWritable>(_ name: StaticString, _ value: T?) throws {
        guard let value else { return }
        writeName(name)
        let start = count
        try value.write(to: &self)
        markPresent(from: start)
    }

    /// Appends a name.
    @inlinable @inline(__always)
    mutating func writeName(_ name: StaticString) {
        let count = name.utf8CodeUnitCount
        if count < WireTag.shortStringLimit {
            room.reserve(1 + count)
            room.store(WireTag.integerLimit + UInt8(truncatingIfNeeded: count))
            room.store(from: name.utf8Start, count: count)
        } else {
            writeLongName(name)
        }
    }

    @usableFromInline @inline(never)
    mutating func writeLongName(_ name: StaticString) {
        name.withUTF8Buffer { writeString(UnsafeRawBufferPointer($0)) }
    }
}

/// The fields of a value while they are read, in the order of their names.
///
/// Fields that nobody asks for are passed over, as keyed containers do.
public struct WireFields {
    /// How many of them are left.
    @usableFromInline var left: Int
    /// Where the last name stands; nothing before the first.
    @usableFromInline var last: Range<Int>

    @usableFromInline
    init(left: Int, at offset: Int) { (self.left, last) = (left, offset..<offset) }
}

extension WireReader {
    /// Begins to read a value with fields.
    @inlinable @inline(__always)
    public mutating func readFields() throws -> WireFields {
        if peekByte() == WireTag.map.rawValue {
            offset += 1
            let count = try readCount(size: 2)
            try descend()
            return WireFields(left: count, at: offset)
        }
        return try readMarkedFields()
    }

    @usableFromInline @inline(never)
    mutating func readMarkedFields() throws -> WireFields {
        let start = offset
        let head = try readPresentHead()
        guard case .map(let count) = head else { throw unexpected(head, expected: "a map", at: start) }
        try descend()
        return WireFields(left: count, at: offset)
    }

    /// Goes on behind a name if it stands here.
    @inlinable @inline(__always)
    mutating func takeName(_ name: StaticString) -> Bool {
        let count = name.utf8CodeUnitCount
        guard count < WireTag.shortStringLimit, left > count,
            base.load(fromByteOffset: offset, as: UInt8.self) == WireTag.integerLimit
                + UInt8(truncatingIfNeeded: count),
            equalBytes(base + offset + 1, name.utf8Start, count: count)
        else { return false }
        offset += 1 + count
        return true
    }
}

/// Compares bytes. Where the compiler knows the count, nothing of the loop is left.
@inlinable @inline(__always)
func equalBytes(_ one: UnsafeRawPointer, _ other: UnsafeRawPointer, count: Int) -> Bool {
    func differ<T: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: T.Type) -> Bool {
        one.loadUnaligned(fromByteOffset: offset, as: type) != other.loadUnaligned(fromByteOffset: offset, as: type)
    }
    var offset = 0
    while offset + 8 <= count {
        if differ(at: offset, as: UInt64.self) { return false }
        offset += 8
    }
    if count & 4 != 0 {
        if differ(at: offset, as: UInt32.self) { return false }
        offset += 4
    }
    if count & 2 != 0 {
        if differ(at: offset, as: UInt16.self) { return false }
        offset += 2
    }
    return count & 1 == 0 || !differ(at: offset, as: UInt8.self)
}

extension WireFields {
    /// Reads a field of any type, which must be there.
    public mutating func read<T: Decodable>(
        _ name: StaticString, from reader: inout WireReader, as type: T.Type = T.self
    ) throws -> T {
        try require(name, in: &reader)
        return try reader.read()
    }

    /// Reads a field with the fast path, which must be there.
    @inlinable @inline(__always)
    public mutating func read<T: WireReadable>(
        _ name: StaticString, from reader: inout WireReader, as type: T.Type = T.self
    ) throws -> T {
        try require(name, in: &reader)
        return try T(wire: &reader)
    }

    /// Reads a field that is an array of elements with the fast path, which must be there.
    @inlinable @inline(__always)
    public mutating func read<T: WireReadable>(
        _ name: StaticString, from reader: inout WireReader, as type: [T].Type = [T].self
    ) throws -> [T] {
        try require(name, in: &reader)
        return try reader.read()
    }

    /// Reads a field of any type; nil if it is not there.
    public mutating func read<T: Decodable>(
        _ name: StaticString, from reader: inout WireReader, as type: T?.Type = T?.self
    ) throws -> T? {
        try find(name, in: &reader) ? try reader.read(T?.self) : nil
    }

    /// Reads a field with the fast path; nil if it is not there.
    @inlinable @inline(__always)
    public mutating func read<T: WireReadable>(
        _ name: StaticString, from reader: inout WireReader, as type: T?.Type = T?.self
    ) throws -> T? {
        guard try find(name, in: &reader) else { return nil }
        return try reader.read(T?.self)
    }

    /// Passes over the fields that are left, and leaves the value.
    @inlinable @inline(__always)
    public mutating func finish(_ reader: inout WireReader) throws {
        if left > 0 { try pass(&reader) }
        reader.depth -= 1
    }
}

// MARK: - Finding fields

extension WireFields {
    @inlinable @inline(__always)
    mutating func require(_ name: StaticString, in reader: inout WireReader) throws {
        guard try find(name, in: &reader) else { throw Self.missing(name, at: reader.offset) }
    }

    /// Goes to the value of a field if it is there.
    @inlinable @inline(__always)
    mutating func find(_ name: StaticString, in reader: inout WireReader) throws -> Bool {
        let start = reader.offset
        guard left > 0, reader.takeName(name) else { return try search(name, in: &reader) }
        last = Range(uncheckedBounds: (start, reader.offset))
        left -= 1
        return true
    }

    /// Passes over names below the one that is looked for.
    @usableFromInline @inline(never)
    mutating func search(_ name: StaticString, in reader: inout WireReader) throws -> Bool {
        var writer = WireWriter()
        writer.writeName(name)
        while left > 0 {
            let start = reader.offset
            try skipKey(&reader)
            let order = writer.withBytes { reader.buffer.order(start..<reader.offset, $0) }
            if order > 0 {
                reader.offset = start
                return false
            }
            note(start..<reader.offset)
            if order == 0 { return true }
            try reader.skip()
        }
        return false
    }

    @usableFromInline @inline(never)
    mutating func pass(_ reader: inout WireReader) throws {
        while left > 0 {
            let start = reader.offset
            try skipKey(&reader)
            note(start..<reader.offset)
            try reader.skip()
        }
    }

    private func skipKey(_ reader: inout WireReader) throws {
        let start = reader.offset
        try reader.skip()
        guard last.isEmpty || reader.buffer.order(last, start..<reader.offset) < 0 else {
            throw WireError.unordered(offset: start)
        }
    }

    private mutating func note(_ key: Range<Int>) {
        last = key
        left -= 1
    }

    @usableFromInline
    static func missing(_ name: StaticString, at offset: Int) -> any Error {
        WireError.missing(offset: offset, name: "\(name)")
    }
}
