extension Optional: WireWritable where Wrapped: Encodable {
    /// Writes nil, or the value as it is without an optional, marked only if that begins like nil.
    public func write(to writer: inout WireWriter) throws {
        guard let value = self else { return writer.writeTag(.absent) }
        let start = writer.count
        try writer.write(value)
        writer.markPresent(from: start)
    }

    /// That of the value, if it cannot be taken for nil.
    public var encodedSize: Int? {
        guard let value = self else { return 1 }
        switch Wrapped.self {
        case is any FixedWidthInteger.Type, is Double.Type, is Float.Type, is Bool.Type, is String.Type:
            return (value as? any WireWritable)?.encodedSize
        default: return nil
        }
    }
}

extension Optional: WireReadable where Wrapped: Decodable {
    /// Reads nil or the value.
    public init(wire reader: inout WireReader) throws {
        var next = reader
        switch try next.readHead() {
        case .absent:
            reader = next
            self = nil
        case .some:
            reader = next
            self = try reader.read(Wrapped.self)
        default:
            self = try reader.read(Wrapped.self)
        }
    }
}

extension Array: WireWritable where Element: Encodable {
    /// Writes the elements in order, bytes without a head each.
    public func write(to writer: inout WireWriter) throws {
        if Element.self == UInt8.self {
            writer.writeHead(.bytes, count: count)
            unsafeBitCast(self, to: [UInt8].self).withUnsafeBytes { writer.writeRaw($0) }
        } else {
            try writer.writeContainer(.array, count: count) { try $0.writeElements(self) }
        }
    }
}

extension Array: WireReadable where Element: Decodable {
    /// Reads an array, also one that was written from a set or from bytes.
    public init(wire reader: inout WireReader) throws {
        let start = reader.offset
        let head = try reader.readPresentHead()
        switch head {
        case .array(let count):
            self = try reader.readContents { try $0.readElements(count, of: Element.self) }
        case .set(let count):
            // The order, which an array does not care about, is part of the form.
            var end = reader.at(start)
            try end.skip()
            self = try reader.readContents { try $0.readElements(count, of: Element.self) }
        case .bytes(let count):
            self = try Self(bytes: try reader.readRaw(count))
        default:
            throw reader.unexpected(head, expected: "an array", at: start)
        }
    }

    private init(bytes: UnsafeRawBufferPointer) throws {
        if Element.self == UInt8.self {
            let copy = [UInt8](unsafeUninitializedCapacity: bytes.count) { memory, count in
                LargeMemory.prepare(UnsafeMutableRawBufferPointer(memory))
                UnsafeMutableRawBufferPointer(memory).copyMemory(from: bytes)
                count = bytes.count
            }
            self = unsafeBitCast(copy, to: Self.self)
        } else {
            self = try bytes.map { try WireReader.read(Element.self, fromByte: $0) }
        }
    }
}

extension WireReader {
    /// Reads what is not a `UInt8`, such as an enum with a raw value, from one of the bytes that stand
    /// without their own heads.
    static func read<T: Decodable>(_ type: T.Type, fromByte byte: UInt8) throws -> T {
        var writer = WireWriter()
        byte.write(to: &writer)
        return try writer.withBytes {
            var reader = WireReader($0)
            return try reader.read(T.self)
        }
    }
}
