// The standard library has a default for integers of 128 bits, which throws. It comes before the generic
// methods.

extension TreeEncoder {
    func encode(_ value: Int128) throws { node.single = try slot(for: value, levels: 0, at: nil) }

    func encode(_ value: UInt128) throws { node.single = try slot(for: value, levels: 0, at: nil) }
}

extension TreeFieldEncoder {
    func encode(_ value: Int128, forKey key: Key) throws { try encodeWide(value, forKey: key) }

    func encode(_ value: UInt128, forKey key: Key) throws { try encodeWide(value, forKey: key) }

    private func encodeWide<T: Encodable>(_ value: T, forKey key: Key) throws {
        try encode(value, forKey: key)
    }
}

extension TreeElementEncoder {
    func encode(_ value: Int128) throws { try encodeWide(value) }

    func encode(_ value: UInt128) throws { try encodeWide(value) }

    private func encodeWide<T: Encodable>(_ value: T) throws { try encode(value) }
}

extension TreeDecoder {
    func decode(_ type: Int128.Type) throws -> Int128 { try value(type) }

    func decode(_ type: UInt128.Type) throws -> UInt128 { try value(type) }
}

extension TreeFieldDecoder {
    func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 { try decodeWide(forKey: key) }

    func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 { try decodeWide(forKey: key) }

    private func decodeWide<T: Decodable>(forKey key: Key) throws -> T { try decode(T.self, forKey: key) }
}

extension TreeElementDecoder {
    mutating func decode(_ type: Int128.Type) throws -> Int128 { try decodeWide() }

    mutating func decode(_ type: UInt128.Type) throws -> UInt128 { try decodeWide() }

    private mutating func decodeWide<T: Decodable>() throws -> T { try decode(T.self) }
}
