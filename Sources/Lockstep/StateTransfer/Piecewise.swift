/// A collection that can be written and read piece by piece, so that its two ends work at the same time.
///
/// Unlike in the encoding of one value, the members of sets and maps come in any order: nobody compares these bytes, and to
/// sort them is most of the work.
protocol Piecewise {
    /// What it takes in memory, about.
    var weight: Int { get }
    var head: PieceHead { get }
    /// Writes what is in it, behind its head.
    func writePieces(to chunks: inout StateChunkWriter) throws
    /// Reads what stands behind a head; nil if that is another kind of collection.
    init?(head: PieceHead, pieces: inout StateChunkReader) throws
}

/// What a collection that comes in pieces is, and how many elements it has.
struct PieceHead: Equatable {
    let tag: WireTag
    let count: Int

    func write(to writer: inout WireWriter) { writer.writeHead(tag, count: count) }

    init(tag: WireTag, count: Int) { (self.tag, self.count) = (tag, count) }

    init(from reader: inout WireReader) throws {
        let start = reader.offset
        let byte = try reader.readByte()
        let count = try reader.readVarint()
        guard let tag = WireTag(rawValue: byte), [.bytes, .array, .set, .map].contains(tag),
            let count = Int(exactly: count)
        else { throw WireError.malformed(offset: start, reason: "no collection begins so") }
        self.init(tag: tag, count: count)
    }

    /// The count, if a collection with elements of such a size could be in memory.
    func reserved(for size: Int) throws -> Int {
        guard count <= PhysicalMemory.bytes / max(size, 1) else {
            throw WireError.malformed(offset: 0, reason: "\(count) elements do not fit into this host's memory")
        }
        return count
    }
}

extension Array: Piecewise where Element: Codable {
    var weight: Int { count * MemoryLayout<Element>.stride }

    var head: PieceHead { PieceHead(tag: Element.self == UInt8.self ? .bytes : .array, count: count) }

    func writePieces(to chunks: inout StateChunkWriter) throws {
        if Element.self == UInt8.self {
            return try unsafeBitCast(self, to: [UInt8].self).withUnsafeBytes { try chunks.write(bytes: $0) }
        }
        let element = WireElement<Element>()
        try chunks.write(each: self, weighing: MemoryLayout<Element>.stride) { try element.write($1, to: &$0) }
    }

    init?(head: PieceHead, pieces: inout StateChunkReader) throws {
        let count = try head.reserved(for: MemoryLayout<Element>.stride)
        switch head.tag {
        case .bytes where Element.self == UInt8.self:
            self = unsafeBitCast(try pieces.readBytes(count), to: Self.self)
        case .array:
            let element = WireElement<Element>()
            self = []
            reserveCapacity(count)
            try pieces.read(count) { append(try element.read(from: &$0)) }
        default:
            return nil
        }
    }
}

extension Set: Piecewise where Element: Codable {
    var weight: Int { count * MemoryLayout<Element>.stride }

    var head: PieceHead { PieceHead(tag: .set, count: count) }

    func writePieces(to chunks: inout StateChunkWriter) throws {
        let element = WireElement<Element>()
        try chunks.write(each: self, weighing: MemoryLayout<Element>.stride) { try element.write($1, to: &$0) }
    }

    init?(head: PieceHead, pieces: inout StateChunkReader) throws {
        guard head.tag == .set else { return nil }
        let element = WireElement<Element>()
        self.init(minimumCapacity: try head.reserved(for: MemoryLayout<Element>.stride))
        try pieces.read(head.count) { reader in
            let start = reader.offset
            guard insert(try element.read(from: &reader)).inserted else { throw WireError.unordered(offset: start) }
        }
    }
}

extension Dictionary: Piecewise where Key: Codable, Value: Codable {
    private static var entrySize: Int { MemoryLayout<(Key, Value)>.stride }

    var weight: Int { count * Self.entrySize }

    var head: PieceHead { PieceHead(tag: .map, count: count) }

    func writePieces(to chunks: inout StateChunkWriter) throws {
        let (key, value) = (WireElement<Key>(), WireElement<Value>())
        try chunks.write(each: self, weighing: Self.entrySize) { writer, entry in
            try key.write(entry.key, to: &writer)
            try value.write(entry.value, to: &writer)
        }
    }

    init?(head: PieceHead, pieces: inout StateChunkReader) throws {
        guard head.tag == .map else { return nil }
        let (key, value) = (WireElement<Key>(), WireElement<Value>())
        self.init(minimumCapacity: try head.reserved(for: Self.entrySize))
        try pieces.read(head.count) { reader in
            let start = reader.offset
            let key = try key.read(from: &reader)
            guard updateValue(try value.read(from: &reader), forKey: key) == nil else {
                throw WireError.unordered(offset: start)
            }
        }
    }
}
