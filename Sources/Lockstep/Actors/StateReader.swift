/// Gives the properties of a replica as a snapshot has them.
///
/// A property that the snapshot lacks keeps its value, and one that the replica lacks is passed over, so that
/// snapshots outlive changes to the actor.
public struct StateReader: Sendable {
    private let state: ReplicaSnapshot
    /// Where the value of each property stands.
    private let fields: [String: Range<Int>]

    /// Takes a snapshot apart.
    ///
    /// - Throws: ``LockstepError/Code/decodingFailed`` if it is damaged.
    package init(_ bytes: [UInt8]) throws {
        try self.init(ReplicaSnapshot(updates: 0, executed: [], state: bytes))
    }

    init(_ snapshot: ReplicaSnapshot) throws {
        state = snapshot
        do {
            fields = try snapshot.withState { try Self.fields(in: $0) }
        } catch {
            throw LockstepError(.decodingFailed, "The snapshot is damaged: \(error)", cause: error)
        }
    }

    /// The value of a property, or another one where the snapshot has none.
    ///
    /// - Throws: ``LockstepError/Code/decodingFailed``, which names the property.
    public func read<Value: Codable & Sendable>(_ name: String, or current: Value) throws -> Value {
        guard let field = fields[name] else { return current }
        do {
            return try decode(field)
        } catch {
            throw LockstepError(
                .decodingFailed, "The property \"\(name)\" of the snapshot cannot be decoded: \(error)",
                cause: error)
        }
    }

    /// Checks a property that cannot be assigned.
    ///
    /// - Throws: ``LockstepError/Code/decodingFailed``, which names the property, if the snapshot has another value.
    public func check<Value: Codable & Sendable>(_ current: Value, named name: String) throws {
        guard let field = fields[name] else { return }
        let bytes = try WireWriter.bytes(of: current)
        let isSame = try state.withState { $0[field].elementsEqual(bytes) }
        guard !isSame else { return }
        throw LockstepError(
            .decodingFailed,
            "The constant \"\(name)\" has another value in the snapshot; make both replicas with the same one.")
    }
}

extension StateReader {
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

    private func decode<Value: Decodable>(_ field: Range<Int>) throws -> Value {
        try state.withState { try WireReader.value(in: UnsafeRawBufferPointer(rebasing: $0[field])) }
    }
}
