/// Collects the state of a replica for a snapshot: the names of its properties and their values.
///
/// Equal states have equal bytes, whatever the order in which the properties are written.
public struct StateWriter: ~Copyable, Sendable {
    private var fields = WireSorter(WireWriter())

    /// Makes the writer of a state without properties.
    package init() {}

    /// Adds a property.
    ///
    /// - Throws: ``LockstepError/Code/encodingFailed``, which names the property.
    public mutating func write<Value: Codable & Sendable>(_ value: Value, named name: String) throws {
        do {
            try fields.add(key: { name.write(to: &$0) }, value: { try $0.write(value) })
        } catch {
            throw LockstepError(
                .encodingFailed, "The property \"\(name)\" cannot be encoded: \(error)", cause: error)
        }
    }

    /// The snapshot.
    ///
    /// - Throws: If two properties have one name.
    package func finish() throws -> [UInt8] {
        var writer = WireWriter()
        try fields.append(to: &writer, as: .map, type: Self.self)
        return writer.bytes
    }
}
