/// Decodes the fields of a value.
struct TreeFieldDecoder<Key: CodingKey>: KeyedDecodingContainerProtocol {
    private let decoder: TreeDecoder
    /// At any place inside the map.
    private let reader: WireReader
    /// In ascending order of the bytes of the keys.
    private var fields: [(key: Range<Int>, value: Int)] = []

    var codingPath: [any CodingKey] { decoder.codingPath }

    /// Finds the fields of the map at which the decoder stands.
    init(decoder: TreeDecoder) throws {
        var reader = decoder.reader
        let head = try reader.readPresentHead()
        guard case .map(let count) = head else {
            throw reader.unexpected(head, expected: "a map", at: decoder.reader.offset)
        }
        try reader.descend()
        self.decoder = decoder
        self.reader = reader
        var order = WireOrder()
        for _ in 0..<count {
            let start = reader.offset
            try reader.skip()
            fields.append((start..<reader.offset, reader.offset))
            try order.check(start..<reader.offset, in: reader.buffer)
            try reader.skip()
        }
    }

    /// Those of the names, or the integers of a dictionary, of which the type can make a key.
    var allKeys: [Key] {
        fields.compactMap { field in
            var name = reader.at(field.key.lowerBound)
            if let text = try? name.read(String.self) {
                return Key(stringValue: text) ?? Int(text).flatMap(Key.init(intValue:))
            }
            name = reader.at(field.key.lowerBound)
            return (try? name.read(Int.self)).flatMap(Key.init(intValue:))
        }
    }

    func contains(_ key: Key) -> Bool { find(key) != nil }

    func decodeNil(forKey key: Key) throws -> Bool {
        try field(key).decodeNil()
    }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try field(key).value(type)
    }

    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        try find(key).flatMap { try decoder.nested($0, at: key).value(T?.self) }
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try field(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try field(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { try field(TreeSuper()) }

    func superDecoder(forKey key: Key) throws -> any Decoder { try field(key) }
}

// MARK: - Finding fields

extension TreeFieldDecoder {
    private func field(_ key: any CodingKey) throws -> TreeDecoder {
        guard let reader = find(key) else {
            let reason = "A field named \(key.stringValue) was expected; there is none."
            let context = DecodingError.Context(codingPath: codingPath, debugDescription: reason)
            throw DecodingError.keyNotFound(key, context)
        }
        return decoder.nested(reader, at: key)
    }

    private func find(_ key: any CodingKey) -> WireReader? {
        find(key.stringValue) ?? key.intValue.flatMap { find($0) }
    }

    private func find(_ key: some WireWritable) -> WireReader? {
        var writer = WireWriter()
        guard (try? key.write(to: &writer)) != nil else { return nil }
        return writer.withBytes { find($0) }
    }

    private func find(_ key: UnsafeRawBufferPointer) -> WireReader? {
        var range = fields.indices
        while let first = range.first {
            let middle = first + range.count / 2
            let order = reader.buffer.order(fields[middle].key, key)
            if order == 0 { return reader.at(fields[middle].value) }
            range = order < 0 ? middle + 1..<range.upperBound : first..<middle
        }
        return nil
    }
}
