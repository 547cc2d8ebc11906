// The order in which a set or a dictionary iterates differs between two equal ones even in one process. Their
// members are written in the order of their bytes.

extension Set: WireWritable where Element: Encodable {
    /// Writes the elements in ascending order of their bytes.
    public func write(to writer: inout WireWriter) throws {
        var sorter = WireSorter(writer)
        for element in self { try sorter.add(key: { try $0.write(element) }) }
        try sorter.append(to: &writer, as: .set, type: Self.self)
    }
}

extension Set: WireReadable where Element: Decodable {
    /// Reads a set, whose elements must ascend, or an array, whose elements need not.
    public init(wire reader: inout WireReader) throws {
        let start = reader.offset
        let head = try reader.readPresentHead()
        switch head {
        case .set(let count): self = try reader.readContents { try Self(wire: &$0, count: count) }
        case .array, .bytes:
            reader.offset = start
            self = Set(try reader.read([Element].self))
        default: throw reader.unexpected(head, expected: "a set", at: start)
        }
    }

    private init(wire reader: inout WireReader, count: Int) throws {
        self.init(minimumCapacity: Swift.min(count, WireLimit.reserved))
        var order = WireOrder()
        for _ in 0..<count {
            let start = reader.offset
            let isNew = insert(try reader.read()).inserted
            try order.check(start..<reader.offset, in: reader.buffer)
            guard isNew else { throw WireError.unordered(offset: start) }
        }
    }
}

extension Dictionary: WireWritable where Key: Encodable, Value: Encodable {
    /// Writes keys and values in ascending order of the bytes of the keys.
    public func write(to writer: inout WireWriter) throws {
        var sorter = WireSorter(writer)
        for (key, value) in self {
            try sorter.add(key: { try $0.write(key) }, value: { try $0.write(value) })
        }
        try sorter.append(to: &writer, as: .map, type: Self.self)
    }
}

extension Dictionary: WireReadable where Key: Decodable, Value: Decodable {
    /// Reads a map, whose keys must ascend.
    public init(wire reader: inout WireReader) throws {
        let start = reader.offset
        let head = try reader.readPresentHead()
        guard case .map(let count) = head else {
            throw reader.unexpected(head, expected: "a map", at: start)
        }
        self = try reader.readContents { try Self(wire: &$0, count: count) }
    }

    private init(wire reader: inout WireReader, count: Int) throws {
        self.init(minimumCapacity: Swift.min(count, WireLimit.reserved))
        var order = WireOrder()
        for _ in 0..<count {
            let start = reader.offset
            let key = try reader.read(Key.self)
            try order.check(start..<reader.offset, in: reader.buffer)
            // Keys with different bytes can be equal all the same, such as the two forms of "é".
            guard updateValue(try reader.read(), forKey: key) == nil else {
                throw WireError.unordered(offset: start)
            }
        }
    }
}

/// Members that are written in any order, to be appended in the order of their bytes.
struct WireSorter: ~Copyable {
    private var writer: WireWriter
    private var members: [(key: Range<Int>, whole: Range<Int>)] = []

    /// Makes a sorter of the members of a container that `outer` writes next.
    init(_ outer: borrowing WireWriter) {
        writer = WireWriter(nestedIn: outer)
        writer.depth += 1
    }

    /// Adds a member; only its key decides where it goes.
    mutating func add(
        key: (inout WireWriter) throws -> Void,
        value: (inout WireWriter) throws -> Void = { _ in }
    ) throws {
        let start = writer.count
        try key(&writer)
        let end = writer.count
        try value(&writer)
        members.append((start..<end, start..<writer.count))
    }

    /// Appends the container.
    func append<T: ~Copyable>(to outer: inout WireWriter, as tag: WireTag, type: T.Type) throws {
        let sorted = try sortedMembers(in: writer.room.filled, type: type)
        try outer.writeContainer(tag, count: sorted.count) { outer in
            for member in sorted { outer.writeRaw(UnsafeRawBufferPointer(rebasing: writer.room.filled[member])) }
        }
    }

    private func sortedMembers<T: ~Copyable>(in bytes: UnsafeRawBufferPointer, type: T.Type) throws -> [Range<Int>] {
        // Where NaNs are written alike, keys may repeat: then the values decide.
        let sorted = members.sorted {
            let order = bytes.order($0.key, $1.key)
            return order == 0 ? bytes.order($0.whole, $1.whole) < 0 : order < 0
        }
        let repeats = zip(sorted, sorted.dropFirst()).contains { bytes.order($0.key, $1.key) == 0 }
        guard writer.unifiesNaN || !repeats else { throw WireError.ambiguous(type: "\(T.self)") }
        return sorted.map(\.whole)
    }
}
