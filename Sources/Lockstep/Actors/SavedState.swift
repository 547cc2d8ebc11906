/// The properties of a replica as a snapshot has them, by name. A ``Migration(to:)`` reads and changes them.
public struct SavedState: Sendable {
    private let snapshot: ReplicaSnapshot
    /// Where the value of each property stands.
    private let fields: [String: Range<Int>]
    /// What migrations have put in the place of properties, encoded.
    private var written: [String: [UInt8]] = [:]

    /// Takes a snapshot apart.
    ///
    /// - Throws: ``LockstepError/Code/decodingFailed`` if it is damaged.
    init(_ snapshot: ReplicaSnapshot) throws {
        self.snapshot = snapshot
        do {
            fields = try snapshot.withState { try Self.fields(in: $0) }
        } catch {
            throw LockstepError(.decodingFailed, "The snapshot is damaged: \(error)", cause: error)
        }
    }

    /// The value of a property, or nil if there is none of the name.
    ///
    /// - Throws: ``LockstepError/Code/decodingFailed``, which names the property, if it is of another type.
    public func read<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value? {
        try withBytes(of: name) { bytes in
            do {
                var reader = WireReader(bytes)
                let value = try reader.read(type)
                try reader.finish()
                return value
            } catch {
                throw LockstepError(
                    .decodingFailed, "The property \"\(name)\" of the snapshot cannot be decoded: \(error)",
                    cause: error)
            }
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

    /// Lends the encoded value of a property, which must not leave `body`; nil if there is none of the name.
    func withBytes<Result>(of name: String, _ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result? {
        if let bytes = written[name] { return try bytes.withUnsafeBytes(body) }
        guard let field = fields[name] else { return nil }
        return try snapshot.withState { try body(UnsafeRawBufferPointer(rebasing: $0[field])) }
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
