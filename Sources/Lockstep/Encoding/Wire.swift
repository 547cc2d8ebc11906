/// A type that writes itself as one value of the format, without the detour through `Codable`.
package protocol WireWritable {
    /// Appends exactly one value.
    func write(to writer: inout WireWriter) throws
}

/// A type that reads itself from one value of the format.
package protocol WireReadable {
    /// Reads exactly one value.
    init(wire reader: inout WireReader) throws
}

/// A type with the fast path in both directions.
package typealias Wire = WireReadable & WireWritable

// The path is chosen by the static type, never by the value: `as? any WireWritable` on a value would look
// through an optional, and find something else in nil than in some.

extension WireWriter {
    /// Appends any value. An error that the value's own `encode(to:)` throws passes through.
    package mutating func write<T: Encodable>(_ value: T) throws {
        guard let type = T.self as? any WireWritable.Type else { return try writeTree(value) }
        try write(value, as: type)
    }

    mutating func write<T, W: WireWritable>(_ value: T, as type: W.Type) throws {
        // W is T: it was cast from it.
        try unsafeBitCast(value, to: W.self).write(to: &self)
    }

    /// Writes a value through its `encode(to:)`.
    private mutating func writeTree<T: Encodable>(_ value: T) throws {
        guard calls < WireLimit.calls else { throw WireError.tooDeep(limit: WireLimit.calls) }
        let node = TreeNode(TreeStore(nestedIn: self), depth: depth)
        try value.encode(to: TreeEncoder(node: node, calls: calls + 1, codingPath: []))
        try node.emit(to: &self)
    }

    /// Writes the elements of an array, for which the path is chosen once.
    mutating func writeElements<T: Encodable>(_ elements: [T]) throws {
        if let type = T.self as? any WireWritable.Type { return try writeElements(elements, as: type) }
        for element in elements { try writeTree(element) }
    }

    private mutating func writeElements<T, W: WireWritable>(_ elements: [T], as type: W.Type) throws {
        // W is T, as above.
        for element in unsafeBitCast(elements, to: [W].self) { try element.write(to: &self) }
    }
}

extension WireReader {
    /// Reads a value. An error that the type's own `init(from:)` throws passes through.
    package mutating func read<T: Decodable>(_ type: T.Type = T.self) throws -> T {
        guard let type = T.self as? any WireReadable.Type else { return try readTree(T.self) }
        return try read(T.self, as: type)
    }

    mutating func read<T, W: WireReadable>(_ type: T.Type, as wire: W.Type) throws -> T {
        // W is T: it was cast from it.
        unsafeBitCast(try W(wire: &self), to: T.self)
    }

    /// Reads a value through its `init(from:)`. The form is checked first, so that the type sees no broken
    /// one.
    private mutating func readTree<T: Decodable>(_ type: T.Type) throws -> T {
        var end = self
        try end.skip()
        let value = try TreeDecoder(reader: self, codingPath: []).initialize(T.self)
        offset = end.offset
        return value
    }

    /// Reads `count` elements, for which the path is chosen once.
    mutating func readElements<T: Decodable>(_ count: Int, of type: T.Type) throws -> [T] {
        if let type = T.self as? any WireReadable.Type { return try readElements(count, as: type) }
        return try readArray(count) { try $0.readTree(T.self) }
    }

    private mutating func readElements<T, W: WireReadable>(_ count: Int, as type: W.Type) throws -> [T] {
        // W is T, as above.
        unsafeBitCast(try readArray(count) { try W(wire: &$0) }, to: [T].self)
    }

    private mutating func readArray<T>(
        _ count: Int,
        element: (inout WireReader) throws -> T
    ) throws -> [T] {
        var elements: [T] = []
        elements.reserveCapacity(min(count, WireLimit.reserved))
        for _ in 0..<count { elements.append(try element(&self)) }
        return elements
    }
}
