/// The decoder for types without the fast path. It stands at one value, and must not outlive the bytes.
struct TreeDecoder: Decoder {
    let reader: WireReader
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        try naming(type) {
            KeyedDecodingContainer(try TreeFieldDecoder(decoder: self))
        }
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try naming([Any].self) { try TreeElementDecoder(decoder: self) }
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    /// The decoder of a value inside this one.
    func nested(_ reader: WireReader, at key: any CodingKey) -> TreeDecoder {
        TreeDecoder(reader: reader, codingPath: codingPath + [key])
    }

    /// Decodes the value, by the fast path if the type has it.
    func value<T: Decodable>(_ type: T.Type) throws -> T {
        guard let wire = T.self as? any WireReadable.Type else { return try initialize(type) }
        return try naming(type) {
            var reader = reader
            return try reader.read(type, as: wire)
        }
    }

    /// Decodes the value through `init(from:)`.
    func initialize<T: Decodable>(_ type: T.Type) throws -> T {
        guard reader.calls < WireLimit.calls else { throw WireError.tooDeep(limit: WireLimit.calls) }
        var reader = reader
        reader.calls += 1
        return try T(from: TreeDecoder(reader: reader, codingPath: codingPath))
    }

    /// Makes the errors those that `Codable` types know, and may handle, where they have a meaning there.
    private func naming<R>(_ type: Any.Type, _ body: () throws -> R) throws -> R {
        do {
            return try body()
        } catch let error as WireError {
            throw decodingError(error, type) ?? error
        }
    }

    private func decodingError(_ error: WireError, _ type: Any.Type) -> (any Error)? {
        switch error {
        case .unexpected(_, WireHead.absent.name, _): DecodingError.valueNotFound(type, context(error))
        case .unexpected: DecodingError.typeMismatch(type, context(error))
        case .outOfRange: DecodingError.dataCorrupted(context(error))
        default: nil
        }
    }

    private func context(_ error: WireError) -> DecodingError.Context {
        DecodingError.Context(
            codingPath: codingPath,
            debugDescription: error.description,
            underlyingError: error
        )
    }
}

extension TreeDecoder: SingleValueDecodingContainer {
    func decodeNil() -> Bool {
        (try? reader.isNil()) ?? false
    }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        try value(type)
    }
}
