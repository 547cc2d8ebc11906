/// The encoder for types without the fast path.
struct TreeEncoder: Encoder {
    let node: TreeNode
    /// The `encode(to:)` that are running.
    let calls: Int
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        node.become(.map, at: codingPath)
        return KeyedEncodingContainer(TreeFieldEncoder(encoder: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        node.become(.array, at: codingPath)
        return TreeElementEncoder(encoder: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        node.become(.single, at: codingPath)
        return self
    }

    /// The encoder of a node below this one.
    func nested(_ node: TreeNode, at key: any CodingKey) -> TreeEncoder {
        // Beyond the limit, where everything fails in the end, the path does not grow either.
        let path = node.depth > WireLimit.depth ? codingPath : codingPath + [key]
        return TreeEncoder(node: node, calls: calls, codingPath: path)
    }

    /// Encodes a value that stands `levels` containers below this one.
    func slot<T: Encodable>(for value: T, levels: Int, at key: (any CodingKey)?) throws -> TreeSlot {
        let depth = node.depth + levels
        if let type = T.self as? any WireWritable.Type {
            return .written(
                try node.store.write(depth: depth, calls: calls) { try $0.write(value, as: type) }
            )
        }
        guard calls < WireLimit.calls else { throw WireError.tooDeep(limit: WireLimit.calls) }
        guard depth <= WireLimit.depth else { throw WireError.tooDeep(limit: WireLimit.depth) }
        let node = TreeNode(node.store, depth: depth)
        let path = key.map { codingPath + [$0] } ?? codingPath
        try value.encode(to: TreeEncoder(node: node, calls: calls + 1, codingPath: path))
        return .node(node)
    }

    /// Writes nil.
    func nilSlot() -> TreeSlot {
        .written(node.store.write(depth: node.depth, calls: calls) { $0.writeTag(.absent) })
    }
}

extension TreeEncoder: SingleValueEncodingContainer {
    func encodeNil() {
        node.single = nilSlot()
    }

    func encode<T: Encodable>(_ value: T) throws {
        node.single = try slot(for: value, levels: 0, at: nil)
    }
}

/// The key of an element in a coding path.
struct TreeIndex: CodingKey {
    let index: Int

    init(_ index: Int) { self.index = index }

    init?(intValue: Int) { self.init(intValue) }

    init?(stringValue: String) { nil }

    var intValue: Int? { index }
    var stringValue: String { "[\(index)]" }
}

/// The key of a superclass's part.
struct TreeSuper: CodingKey {
    init() {}

    init?(intValue: Int) { nil }

    init?(stringValue: String) {
        guard stringValue == "super" else { return nil }
    }

    var intValue: Int? { nil }
    var stringValue: String { "super" }
}
