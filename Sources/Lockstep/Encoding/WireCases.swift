// Enums with the fast path write and read the maps of the synthesized `Codable`: one pair, of the case and its values.

extension WireWriter {
    /// Appends a case with `count` values, which `values` writes as fields in the order of their names.
    @inlinable @inline(__always)
    public mutating func writeCase(
        _ name: StaticString, _ count: Int, _ values: (inout WireWriter) throws -> Void
    ) throws {
        try writeContainer(.map, count: 1) { writer in
            writer.writeName(name)
            try writer.writeFields(count, values)
        }
    }
}

extension WireReader {
    /// Goes on behind the name of a case, where its values stand as fields, if it is this one.
    @inlinable @inline(__always)
    public mutating func takeCase(_ name: StaticString) throws -> Bool {
        guard left > 2, peekByte() == WireTag.map.rawValue, base.load(fromByteOffset: offset + 1, as: UInt8.self) == 1
        else { return false }
        offset += 2
        guard takeName(name) else {
            offset -= 2
            return false
        }
        try descend()
        return true
    }

    /// Leaves a case behind its values.
    @inlinable @inline(__always)
    public mutating func endCase() { depth -= 1 }

    /// Reads a value through its `init(from:)`, for what is well formed and yet not as a writer writes it.
    public mutating func readThroughCodable<T: Decodable>(_ type: T.Type = T.self) throws -> T { try readTree(type) }

    /// Reads the raw value of an enum.
    @inlinable
    public mutating func readRawValue<T: RawRepresentable>(_ type: T.Type = T.self) throws -> T
    where T.RawValue: WireReadable {
        let start = offset
        guard let value = T(rawValue: try T.RawValue(wire: &self)) else { throw noCase(of: T.self, at: start) }
        return value
    }

    @usableFromInline @inline(never)
    func noCase(of type: Any.Type, at offset: Int) -> any Error {
        WireError.malformed(offset: offset, reason: "no case of \(type) has the value")
    }
}
