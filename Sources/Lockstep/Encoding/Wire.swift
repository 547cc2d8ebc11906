/// A type that writes itself as one value of the format, without the detour through `Encodable`.
///
/// The bytes must be those that its `Encodable` conformance leads to. A type with fields writes them in the order
/// of their names: shorter names first, names of one length as their UTF-8 sorts, and no fields that are nil.
///
/// ```swift
/// struct Item: WireCodable {
///     var id: Int
///     var note: String?
///
///     func write(to writer: inout WireWriter) throws {
///         try writer.writeFields(note == nil ? 1 : 2) { writer in
///             try writer.writeField("id", id)
///             try writer.writeField("note", note)
///         }
///     }
///
///     init(wire reader: inout WireReader) throws {
///         var fields = try reader.readFields()
///         let id: Int = try fields.read("id", from: &reader)
///         let note: String? = try fields.read("note", from: &reader)
///         try fields.finish(&reader)
///         self.init(id: id, note: note)
///     }
/// }
/// ```
///
/// To set all properties at the end, where nothing can throw any more, saves copies of what was read so far. The macro
/// `Wire()` writes all this.
public protocol WireWritable: Encodable {
    /// Appends exactly one value.
    func write(to writer: inout WireWriter) throws

    /// How many bytes the value takes; nil if that is as much work as writing it.
    var encodedSize: Int? { get }
}

extension WireWritable {
    /// Not known before it is written.
    @inlinable public var encodedSize: Int? { nil }
}

/// A type that reads itself from one value of the format, without the detour through `Decodable`.
public protocol WireReadable: Decodable {
    /// Reads exactly one value.
    init(wire reader: inout WireReader) throws
}

/// A type with the fast path in both directions.
public typealias WireCodable = WireReadable & WireWritable

// The path is chosen by the static type, never by the value: `as? any WireWritable` on a value would look
// through an optional, and find something else in nil than in some.
//
// Where the compiler sees that a type has the fast path, it takes one of the more special methods of a name, which
// cast nothing. All of them write the same bytes.

extension WireWriter {
    /// Appends any value. An error that the value's own `encode(to:)` throws passes through.
    public mutating func write<T: Encodable>(_ value: T) throws {
        guard let type = T.self as? any WireWritable.Type else { return try writeTree(value) }
        try write(value, as: type)
    }

    /// Appends a value of a type with the fast path.
    @inlinable @inline(__always)
    public mutating func write<T: WireWritable>(_ value: T) throws { try value.write(to: &self) }

    /// Appends an array of elements with the fast path.
    @inlinable
    public mutating func write<T: WireWritable>(_ elements: [T]) throws {
        if T.self == UInt8.self { return try elements.write(to: &self) }
        try writeContainer(.array, count: elements.count) { writer in
            for element in elements { try element.write(to: &writer) }
        }
    }

    /// Appends nil or a value with the fast path.
    @inlinable
    public mutating func write<T: WireWritable>(_ value: T?) throws {
        guard let value else { return writeTag(.absent) }
        let start = count
        try value.write(to: &self)
        markPresent(from: start)
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
        // What the compiler knows is many times faster.
        if T.self == Int.self { return writeIntegers(unsafeBitCast(elements, to: [Int].self)) }
        if let type = T.self as? any WireWritable.Type { return try writeElements(elements, as: type) }
        for element in elements { try writeTree(element) }
    }

    private mutating func writeIntegers(_ integers: [Int]) {
        for integer in integers { integer.write(to: &self) }
    }

    private mutating func writeElements<T, W: WireWritable>(_ elements: [T], as type: W.Type) throws {
        // W is T, as above.
        for element in unsafeBitCast(elements, to: [W].self) { try element.write(to: &self) }
    }
}

extension WireReader {
    /// Reads a value. An error that the type's own `init(from:)` throws passes through.
    public mutating func read<T: Decodable>(_ type: T.Type = T.self) throws -> T {
        guard let type = T.self as? any WireReadable.Type else { return try readTree(T.self) }
        return try read(T.self, as: type)
    }

    /// Reads a value of a type with the fast path.
    @inlinable @inline(__always)
    public mutating func read<T: WireReadable>(_ type: T.Type = T.self) throws -> T { try T(wire: &self) }

    /// Reads an array of elements with the fast path.
    @inlinable
    public mutating func read<T: WireReadable>(_ type: [T].Type = [T].self) throws -> [T] {
        guard T.self != UInt8.self, peekByte() == WireTag.array.rawValue else { return try [T](wire: &self) }
        offset += 1
        let count = try readCount()
        return try readContents { try $0.readArray(count) { try T(wire: &$0) } }
    }

    /// Reads nil or a value with the fast path.
    @inlinable
    public mutating func read<T: WireReadable>(_ type: T?.Type = T?.self) throws -> T? {
        switch peekByte() {
        case WireTag.absent.rawValue:
            offset += 1
            return nil
        case WireTag.some.rawValue:
            offset += 1
        default: break
        }
        return try T(wire: &self)
    }

    mutating func read<T, W: WireReadable>(_ type: T.Type, as wire: W.Type) throws -> T {
        // W is T: it was cast from it.
        unsafeBitCast(try W(wire: &self), to: T.self)
    }

    /// Reads a value through its `init(from:)`. The form is checked first, so that the type sees no broken
    /// one.
    mutating func readTree<T: Decodable>(_ type: T.Type) throws -> T {
        var end = self
        try end.skip()
        let value = try TreeDecoder(reader: self, codingPath: []).initialize(T.self)
        offset = end.offset
        return value
    }

    /// Reads `count` elements, for which the path is chosen once.
    mutating func readElements<T: Decodable>(_ count: Int, of type: T.Type) throws -> [T] {
        if T.self == Int.self { return unsafeBitCast(try readArray(count) { try Int(wire: &$0) }, to: [T].self) }
        if let type = T.self as? any WireReadable.Type { return try readElements(count, as: type) }
        return try readArray(count) { try $0.readTree(T.self) }
    }

    private mutating func readElements<T, W: WireReadable>(_ count: Int, as type: W.Type) throws -> [T] {
        // W is T, as above.
        unsafeBitCast(try readArray(count) { try W(wire: &$0) }, to: [T].self)
    }

    @inlinable
    mutating func readArray<T>(
        _ count: Int,
        element: (inout WireReader) throws -> T
    ) throws -> [T] {
        var elements: [T] = []
        elements.reserveCapacity(min(count, WireLimit.reserved))
        for _ in 0..<count { elements.append(try element(&self)) }
        return elements
    }
}
