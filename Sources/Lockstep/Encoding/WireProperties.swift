// What the macro `Wire()` asks of the properties of a type, whose types it sees as spelled alone.

extension WireFields {
    /// The type of a property. The compiler looks at nothing else of it.
    @inlinable @inline(__always)
    public static func type<Root, Value>(of property: KeyPath<Root, Value>) -> Value.Type { Value.self }

    /// The fields that a value takes: always one.
    @inlinable @inline(__always)
    public static func count<Value>(_ value: Value) -> Int { 1 }

    /// The fields that an optional takes: none for nil.
    @inlinable @inline(__always)
    public static func count<Value>(_ value: Value?) -> Int { value == nil ? 0 : 1 }
}

// What is not `Codable` gets the error of the compiler at its type, and none in the code that the macro wrote.

extension WireWriter {
    /// Always throws, for a property that cannot be encoded.
    public mutating func writeField<Value>(_ name: StaticString, _ value: Value) throws {
        throw WireError.unencodable(name: "\(name)")
    }
}

extension WireFields {
    /// Always throws, for a property that cannot be decoded.
    public mutating func read<Value>(
        _ name: StaticString, from reader: inout WireReader, as type: Value.Type = Value.self
    ) throws -> Value {
        throw WireError.unencodable(name: "\(name)")
    }
}
