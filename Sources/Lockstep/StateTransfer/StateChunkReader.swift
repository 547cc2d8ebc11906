/// Reads a state from chunks, and waits for those that have not come.
struct StateChunkReader {
    private let incoming: IncomingState
    /// The present chunk, and how much of it has been read.
    private var part: IncomingState.Part?
    private var offset = 0

    init(_ incoming: IncomingState) { self.incoming = incoming }

    /// Reads what does not go on in the next chunk.
    mutating func read<Value>(_ body: (inout WireReader) throws -> Value) throws -> Value {
        let part = try presentPart()
        return try part.withBytes { bytes in
            var reader = WireReader(bytes)
            reader.offset = offset
            defer { offset = reader.offset }
            return try body(&reader)
        }
    }

    /// Reads so many elements, between any two of which a chunk may end.
    mutating func read(_ count: Int, _ body: (inout WireReader) throws -> Void) throws {
        var rest = count
        while rest > 0 {
            try read { reader in
                repeat {
                    try body(&reader)
                    rest -= 1
                } while rest > 0 && reader.left > 0
            }
        }
    }

    /// Reads so many bytes, between any two of which a chunk may end.
    mutating func readBytes(_ count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { memory, filled in
            let memory = UnsafeMutableRawBufferPointer(memory)
            LargeMemory.prepare(memory)
            while filled < count {
                try read { reader in
                    let bytes = try reader.readRaw(min(count - filled, reader.left))
                    UnsafeMutableRawBufferPointer(rebasing: memory[filled...]).copyMemory(from: bytes)
                    filled += bytes.count
                }
            }
        }
    }

    /// Reads a value as it is encoded alone.
    ///
    /// - Parameter head: Where the value comes in pieces.
    mutating func readEncoded(_ head: PieceHead?) throws -> [UInt8] {
        var writer = WireWriter()
        guard let head else {
            try read { try writer.writeValue(from: &$0) }
            return writer.bytes
        }
        switch head.tag {
        case .set, .map:
            var sorter = WireSorter(writer)
            try read(head.count) { reader in
                try sorter.add(
                    key: { try $0.writeValue(from: &reader) },
                    value: { if head.tag == .map { try $0.writeValue(from: &reader) } }
                )
            }
            try sorter.append(to: &writer, as: head.tag, type: SavedState.self)
        case .bytes:
            head.write(to: &writer)
            try readBytes(try head.reserved(for: 1)).withUnsafeBytes { writer.writeRaw($0) }
        default:
            head.write(to: &writer)
            try read(head.count) { try writer.writeValue(from: &$0) }
        }
        return writer.bytes
    }

    /// The chunk in which something is left.
    private mutating func presentPart() throws -> IncomingState.Part {
        if let part, offset < part.withBytes({ $0.count }) { return part }
        if part?.isLast == true { throw WireError.malformed(offset: offset, reason: "the state ends too early") }
        let former = part
        part = nil
        let next = try incoming.next(after: former)
        (part, offset) = (next, 0)
        return try presentPart()
    }

    /// Nothing more is read.
    func finish() { incoming.finish() }
}

extension WireWriter {
    /// Copies a value as it is.
    fileprivate mutating func writeValue(from reader: inout WireReader) throws {
        let start = reader.offset
        try reader.skip()
        writeRaw(UnsafeRawBufferPointer(rebasing: reader.buffer[start..<reader.offset]))
    }
}
