/// Takes properties from chunks, one after the other.
struct StateFields {
    private var chunks: StateChunkReader
    /// What has been passed over.
    private(set) var kept = SavedState()
    /// The property that has come next.
    private var next: Field?
    private var hasEnded = false

    struct Field {
        let name: String
        /// Nil if the value does not go on in the next chunk.
        let head: PieceHead?
    }

    init(_ chunks: StateChunkReader) { self.chunks = chunks }

    /// Nothing more is read.
    func finish() { chunks.finish() }

    /// The property that comes next.
    mutating func peek() throws -> Field? {
        guard next == nil, !hasEnded else { return next }
        next = try SavedState.undamaged {
            try chunks.read { reader in
                let start = reader.offset
                switch StateItem(rawValue: try reader.readByte()) {
                case .whole: return Field(name: try reader.read(), head: nil)
                case .inPieces: return Field(name: try reader.read(), head: try PieceHead(from: &reader))
                case .end: return nil
                case nil: throw WireError.malformed(offset: start, reason: "no part of a state begins so")
                }
            }
        }
        hasEnded = next == nil
        return next
    }

    /// Goes on to a property; false if it has been passed already, or is not there.
    mutating func find(_ name: String) throws -> Bool {
        if kept.has(name) { return false }
        while let field = try peek(), field.name != name { try keep() }
        return next != nil
    }

    /// Reads the property that comes next.
    mutating func readValue<Value: Decodable>() throws -> Value {
        try take { field, chunks in
            guard let head = field.head else { return try chunks.read { try $0.read() } }
            if let type = Value.self as? any Piecewise.Type,
                let value = try type.init(head: head, pieces: &chunks) as? Value
            {
                return value
            }
            return try WireReader.value(in: try chunks.readEncoded(head))
        }
    }

    /// Keeps the property that comes next for later.
    mutating func keep() throws {
        let (name, bytes) = try take { field, chunks in (field.name, try chunks.readEncoded(field.head)) }
        kept.put(bytes, named: name)
    }

    private mutating func take<Value>(_ body: (Field, inout StateChunkReader) throws -> Value) throws -> Value {
        guard let field = next else { preconditionFailure("a property must have come before it is taken") }
        next = nil
        return try SavedState.decoding(field.name) { try body(field, &chunks) }
    }
}
