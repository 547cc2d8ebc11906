/// Encodes the fields of a value.
struct TreeFieldEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: TreeEncoder
    var codingPath: [any CodingKey] { encoder.codingPath }

    func encodeNil(forKey key: Key) {
        encoder.node.append(encoder.nilSlot(), name: key.stringValue)
    }

    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        let slot = try encoder.slot(for: value, levels: 1, at: key)
        encoder.node.append(slot, name: key.stringValue)
    }

    /// Leaves nil out, and tells a present value that begins like nil from it.
    func encodeIfPresent<T: Encodable>(_ value: T?, forKey key: Key) throws {
        guard let value else { return }
        let slot = try encoder.slot(for: value, levels: 1, at: key)
        encoder.node.append(slot, name: key.stringValue, inOptional: true)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        superEncoder(at: key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        superEncoder(at: key).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { superEncoder(at: TreeSuper()) }

    func superEncoder(forKey key: Key) -> any Encoder { superEncoder(at: key) }

    private func superEncoder(at key: any CodingKey) -> TreeEncoder {
        encoder.nested(encoder.node.node(named: key.stringValue), at: key)
    }
}

/// Encodes elements.
struct TreeElementEncoder: UnkeyedEncodingContainer {
    let encoder: TreeEncoder
    var codingPath: [any CodingKey] { encoder.codingPath }
    var count: Int { encoder.node.count }

    func encodeNil() {
        encoder.node.append(encoder.nilSlot())
    }

    func encode(_ value: UInt8) {
        encoder.node.append(value)
    }

    func encode<T: Encodable>(_ value: T) throws {
        if T.self == UInt8.self { return encode(unsafeBitCast(value, to: UInt8.self)) }
        encoder.node.append(try encoder.slot(for: value, levels: 1, at: TreeIndex(count)))
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) -> KeyedEncodingContainer<Nested> {
        nestedEncoder().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        nestedEncoder().unkeyedContainer()
    }

    func superEncoder() -> any Encoder { nestedEncoder() }

    private func nestedEncoder() -> TreeEncoder {
        let key = TreeIndex(count)
        return encoder.nested(encoder.node.elementNode(), at: key)
    }
}
