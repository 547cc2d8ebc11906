/// What an `init(from:)` has asked for.
final class TypeRecord {
    /// The values that it gets: some types refuse the first, such as a `UUID` the empty string.
    enum Attempt: CaseIterable {
        case empty, identifiers
    }

    let describer: TypeDescriber
    let attempt: Attempt
    var isWhole = false
    private var fields: [TypeShape.Field]?
    private var optionals: Set<String> = []
    private var singles: [String] = []
    /// True if it looked at the value to find out what it is, or did something else that does not tell its type.
    private var isOpaque = false

    init(_ describer: TypeDescriber, _ attempt: Attempt) { (self.describer, self.attempt) = (describer, attempt) }

    /// What the type is; nil if that could not be found out.
    var shape: TypeShape? {
        if isOpaque || singles.count > 1 || (singles.count == 1 && fields != nil) { return nil }
        if let single = singles.first { return .single(single) }
        // Who asks for nothing is written as a value without fields.
        guard fields != nil || isWhole else { return nil }
        return .fields(fields ?? [], isWhole: isWhole)
    }

    func noteFields() { fields = fields ?? [] }

    /// Notes that a field may be missing or nil.
    func noteOptional(_ name: String) { optionals.insert(name) }

    func noteField<T>(_ name: String, _ type: T.Type) {
        let type = describer.describe(optionals.contains(name) ? T?.self : type)
        fields = (fields ?? []) + [TypeShape.Field(name: name, type: type)]
    }

    func noteSingle(_ type: Any.Type) { singles.append(describer.describe(type)) }

    func noteOpaque() { isOpaque = true }

    /// A value of a type, made up.
    func value<T: Decodable>(_ type: T.Type) throws -> T {
        if attempt == .identifiers, let text = "00000000-0000-0000-0000-000000000000" as? T { return text }
        guard let sample = describer.samples[describer.describe(type)] else { throw NoSample() }
        return try sample.withUnsafeBytes { bytes in
            var reader = WireReader(bytes)
            return try reader.read(type)
        }
    }
}

/// No value of a type could be made up.
struct NoSample: Error {}

/// Decodes made-up values, and notes what is asked for.
struct RecordingDecoder: Decoder {
    let record: TypeRecord
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        record.noteFields()
        return KeyedDecodingContainer(RecordingFields(record: record))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        record.noteOpaque()
        throw NoSample()
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }
}

extension RecordingDecoder: SingleValueDecodingContainer {
    func decodeNil() -> Bool {
        record.noteOpaque()
        return true
    }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        record.noteSingle(type)
        return try record.value(type)
    }
}

/// The fields that are asked for.
private struct RecordingFields<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let record: TypeRecord
    var codingPath: [any CodingKey] { [] }

    /// Unknown, and so are the cases of an enum.
    var allKeys: [Key] {
        record.noteOpaque()
        return []
    }

    // Where these are asked first, as for an optional `Int`, the value is the next thing that is asked for.

    func contains(_ key: Key) -> Bool {
        record.noteOptional(key.stringValue)
        return true
    }

    func decodeNil(forKey key: Key) -> Bool {
        record.noteOptional(key.stringValue)
        return false
    }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        record.noteField(key.stringValue, type)
        return try record.value(type)
    }

    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) -> T? {
        record.noteField(key.stringValue, T?.self)
        return nil
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { throw opaque() }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw opaque() }

    func superDecoder() throws -> any Decoder { throw opaque() }

    func superDecoder(forKey key: Key) throws -> any Decoder { throw opaque() }

    private func opaque() -> NoSample {
        record.noteOpaque()
        return NoSample()
    }
}
