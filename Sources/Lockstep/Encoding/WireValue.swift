// One value, and nothing else, in bytes of its own.

extension WireWriter {
    /// The bytes of a value.
    static func bytes(of value: some Encodable) throws -> [UInt8] {
        var writer = WireWriter()
        try writer.write(value)
        return writer.bytes
    }
}

extension WireReader {
    /// The value that all of the bytes are.
    static func value<Value: Decodable>(in bytes: UnsafeRawBufferPointer) throws -> Value {
        var reader = WireReader(bytes)
        let value = try reader.read(Value.self)
        try reader.finish()
        return value
    }

    /// The value that all of the bytes are.
    static func value<Value: Decodable>(in bytes: [UInt8]) throws -> Value {
        try bytes.withUnsafeBytes { try value(in: $0) }
    }
}
