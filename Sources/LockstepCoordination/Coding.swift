import Lockstep

/// The bytes of a value that members share.
func encoded<Value: Encodable>(_ value: Value) throws -> [UInt8] {
    var writer = WireWriter()
    try writer.write(value)
    return writer.bytes
}

/// The value that some bytes hold.
func decoded<Value: Decodable>(_ bytes: [UInt8]) throws -> Value {
    try bytes.withUnsafeBytes { buffer in
        var reader = WireReader(buffer)
        let value = try reader.read(Value.self)
        try reader.finish()
        return value
    }
}
