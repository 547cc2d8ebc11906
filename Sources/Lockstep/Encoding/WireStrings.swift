extension String: WireCodable {
    /// Writes the UTF-8 as it is: strings that are equal only as Unicode sees it have different bytes.
    @inlinable
    public func write(to writer: inout WireWriter) {
        let isWritten: Void? = utf8.withContiguousStorageIfAvailable { writer.writeString(UnsafeRawBufferPointer($0)) }
        if isWritten == nil { writer.writeString(copyOf: self) }
    }

    /// Reads UTF-8, which must be valid.
    @inlinable
    public init(wire reader: inout WireReader) throws {
        self = try reader.readString()
    }

    /// The UTF-8 and what stands before it.
    @inlinable public var encodedSize: Int? {
        let count = utf8.count
        return count + (count < WireTag.shortStringLimit ? 1 : 1 + WireVarint.size(UInt64(count)))
    }
}

extension WireWriter {
    @usableFromInline
    mutating func writeString(_ text: UnsafeRawBufferPointer) {
        room.reserve(11 + text.count)
        if text.count < WireTag.shortStringLimit {
            room.store(WireTag.integerLimit + UInt8(text.count))
        } else {
            room.store(WireTag.string.rawValue)
            room.storeVarint(UInt64(text.count))
        }
        if let start = text.baseAddress { room.store(from: start, count: text.count) }
    }

    /// Writes a string that does not lie in memory as UTF-8.
    @usableFromInline @inline(never)
    mutating func writeString(copyOf text: String) {
        Array(text.utf8).withUnsafeBytes { writeString($0) }
    }
}

extension WireReader {
    @usableFromInline
    mutating func readString() throws -> String {
        let first = peekByte() ?? 0
        let count = Int(first) - Int(WireTag.integerLimit)
        guard count >= 0, count < WireTag.shortStringLimit, count < left else { return try readAnyString() }
        let text = UnsafeRawBufferPointer(start: base + offset + 1, count: count)
        let string = try string(text)
        offset += 1 + count
        return string
    }

    @inline(never)
    private mutating func readAnyString() throws -> String {
        let start = offset
        let head = try readPresentHead()
        guard case .string(let count) = head else { throw unexpected(head, expected: "a String", at: start) }
        return try string(try readRaw(count))
    }

    private func string(_ text: UnsafeRawBufferPointer) throws -> String {
        // Several times faster than what takes any sequence and encoding.
        guard let valid = try? UTF8Span(validating: text.assumingMemoryBound(to: UInt8.self).span) else {
            throw WireError.malformed(offset: offset, reason: "a string is not UTF-8")
        }
        return String(copying: valid)
    }
}
