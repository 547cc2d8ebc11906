/// The properties of a replica as a snapshot has them, by name. A ``Migration(to:)`` reads and changes them.
public struct SavedState: Sendable {
    private let snapshot: [UInt8]
    /// Where the value of each property stands.
    private let fields: [String: Range<Int>]
    /// What has been put in the place of properties, encoded.
    private var written: [String: [UInt8]] = [:]

    /// Makes a state without properties.
    init() { (snapshot, fields) = ([], [:]) }

    /// Takes a snapshot apart.
    ///
    /// - Throws: ``LockstepError/Code/decodingFailed`` if it is damaged.
    init(_ snapshot: [UInt8]) throws {
        self.snapshot = snapshot
        fields = try Self.undamaged { try snapshot.withUnsafeBytes { try Self.fields(in: $0) } }
    }

    /// The value of a property, or nil if there is none of the name.
    ///
    /// - Throws: ``LockstepError/Code/decodingFailed``, which names the property, if it is of another type.
    public func read<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value? {
        try withBytes(of: name) { bytes in
            try Self.decoding(name) { try WireReader.value(in: bytes) }
        }
    }

    /// Puts a value in the place of a property, which need not be there yet and may have been of another type.
    ///
    /// - Throws: What the type throws when it is encoded.
    public mutating func write(_ value: some Encodable, named name: String) throws {
        var writer = WireWriter()
        try writer.write(value)
        written[name] = writer.bytes
    }

    /// Puts an encoded value in the place of a property.
    mutating func put(_ bytes: [UInt8], named name: String) { written[name] = bytes }

    /// True if there is a property of the name.
    func has(_ name: String) -> Bool { written[name] != nil || fields[name] != nil }

    /// Lends the encoded value of a property, which must not leave `body`; nil if there is none of the name.
    func withBytes<Result>(of name: String, _ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result? {
        if let bytes = written[name] { return try bytes.withUnsafeBytes(body) }
        guard let field = fields[name] else { return nil }
        return try snapshot.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[field])) }
    }

    /// Reads a property, and says of an error which one could not be decoded.
    static func decoding<Value>(_ name: String, _ body: () throws -> Value) throws -> Value {
        try reading(orSaying: "The property \"\(name)\" of the snapshot cannot be decoded", body)
    }

    /// Reads what is around the properties, and says of an error that it is damaged.
    static func undamaged<Value>(_ body: () throws -> Value) throws -> Value {
        try reading(orSaying: "The snapshot is damaged", body)
    }

    private static func reading<Value>(
        orSaying problem: @autoclosure () -> String, _ body: () throws -> Value
    ) throws -> Value {
        do {
            return try body()
        } catch let error as StateInterruption {
            throw error
        } catch {
            throw LockstepError(.decodingFailed, "\(problem()): \(error)", cause: error)
        }
    }

    private static func fields(in buffer: UnsafeRawBufferPointer) throws -> [String: Range<Int>] {
        var reader = WireReader(buffer)
        let head = try reader.readHead()
        guard case .map(let count) = head else { throw reader.unexpected(head, expected: "a map", at: 0) }
        var fields: [String: Range<Int>] = [:]
        try reader.readContents { reader in
            var order = WireOrder()
            for _ in 0..<count {
                let key = reader.offset
                let name = try reader.read(String.self)
                try order.check(key..<reader.offset, in: buffer)
                let value = reader.offset
                try reader.skip()
                // Names with different bytes can be equal all the same, such as the two forms of "é".
                guard fields.updateValue(value..<reader.offset, forKey: name) == nil else {
                    throw WireError.unordered(offset: key)
                }
            }
        }
        try reader.finish()
        return fields
    }
}
