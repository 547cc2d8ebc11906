/// Collects the state of a replica for a snapshot: the names of its properties and their values.
///
/// It takes the values as they are, which copies nothing, and leaves it to others to encode them: so a snapshot of much
/// state keeps nobody waiting.
public struct StateWriter: ~Copyable, Sendable {
    private var fields: [CapturedState.Field] = []

    /// Makes the writer of a state without properties.
    package init() {}

    /// Adds a property.
    public mutating func write<Value: Codable & Sendable>(_ value: Value, named name: String) {
        fields.append(
            CapturedState.Field(
                name: name, write: { try $0.write(value) },
                // The type decides, for a value would be looked at through an optional.
                pieces: { Value.self is any Piecewise.Type ? value as? any Piecewise : nil }
            )
        )
    }

    /// Says of which level the release is that writes the snapshot, if it is not the first.
    public mutating func write(level: Int) { write(level, named: StateReader.levelName) }

    /// The snapshot, not encoded yet.
    package consuming func finish() -> CapturedState { CapturedState(fields: fields) }
}

/// The state of a replica as it was at one moment, to be encoded on any thread.
///
/// Equal states have equal bytes, whatever the order in which the properties were written.
package struct CapturedState: Sendable {
    struct Field: Sendable {
        let name: String
        let write: @Sendable (inout WireWriter) throws -> Void
        /// The value, if it can be written in pieces.
        let pieces: @Sendable () -> (any Piecewise)?
    }

    let fields: [Field]

    /// Encodes it.
    ///
    /// - Throws: ``LockstepError/Code/encodingFailed``, which names the property, or if two have one name.
    package func encoded() throws -> [UInt8] {
        var writer = WireWriter()
        try write(to: &writer)
        return writer.bytes
    }

    /// A hash that is equal on replicas with equal state, also of releases of other levels, together with what was hashed
    /// already.
    func hash(with hasher: StateHasher) -> UInt64 {
        var hasher = hasher
        for field in fields where field.name != StateReader.levelName {
            hasher.combine(named: field.name, field.write)
        }
        return hasher.finalize()
    }

    private func write(to writer: inout WireWriter) throws {
        let sorted = try sortedFields()
        try writer.writeContainer(.map, count: sorted.count) { writer in
            for (key, field) in sorted {
                key.withUnsafeBytes { writer.writeRaw($0) }
                do {
                    try field.write(&writer)
                } catch {
                    throw Self.cannotEncode(field, error)
                }
            }
        }
    }

    static func cannotEncode(_ field: Field, _ error: any Error) -> LockstepError {
        LockstepError(.encodingFailed, "The property \"\(field.name)\" cannot be encoded: \(error)", cause: error)
    }

    /// In the order of their encoded names.
    private func sortedFields() throws -> [(key: [UInt8], field: Field)] {
        let keyed = fields.map { field in
            var writer = WireWriter()
            field.name.write(to: &writer)
            return (key: writer.bytes, field: field)
        }
        let sorted = keyed.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        guard zip(sorted, sorted.dropFirst()).allSatisfy({ $0.key != $1.key }) else {
            throw WireError.ambiguous(type: "\(Self.self)")
        }
        return sorted
    }
}
