/// Writes a state into chunks, each of which is sent when it is full.
///
/// `docs/state-transfer.md` says what the chunks hold.
struct StateChunkWriter: ~Copyable {
    private let outgoing: OutgoingState
    /// What the whole state takes, about.
    private let weight: Int
    /// What has been written of it.
    private var done = 0
    private var number: UInt64 = 0
    /// What is in the chunk so far. It is written directly where nothing can fail.
    private(set) var writer: WireWriter

    /// Makes the writer of a state that takes about so many bytes.
    init(to outgoing: OutgoingState, weight: Int) throws {
        self.outgoing = outgoing
        self.weight = max(weight, 1)
        try outgoing.waitForRoom(for: 0)
        writer = Self.makeWriter(outgoing.slot(0))
    }

    private static func makeWriter(_ slot: UnsafeMutableRawBufferPointer?) -> WireWriter {
        slot.map { WireWriter(lent: $0) } ?? WireWriter()
    }

    /// How much fits into the present chunk.
    var room: Int { outgoing.slots.size - writer.count }

    /// Writes what belongs together, as one whole.
    mutating func write(_ body: (inout WireWriter) throws -> Void) throws {
        try body(&writer)
        try sendIfFull()
    }

    /// Writes elements, between any two of which a chunk may end.
    mutating func write<Elements: Sequence>(
        each elements: Elements, weighing size: Int, _ body: (inout WireWriter, Elements.Element) throws -> Void
    ) throws {
        for element in elements {
            try body(&writer, element)
            done += size
            try sendIfFull()
        }
    }

    /// Writes bytes, between any two of which a chunk may end.
    mutating func write(bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = rest.prefix(room)
            writer.writeRaw(UnsafeRawBufferPointer(rebasing: part))
            done += part.count
            rest = rest.dropFirst(part.count)
            if room == 0 { try sendAll(isLast: false) }
        }
    }

    /// Sends the rest.
    consuming func finish() throws { try sendAll(isLast: true) }

    /// An element that does not fit any more moves what is in the chunk to other memory, which costs a copy; so a chunk
    /// is sent a little before it is full.
    private mutating func sendIfFull() throws {
        if room < outgoing.slots.size / 16 { try sendAll(isLast: false) }
    }

    private mutating func sendAll(isLast: Bool) throws {
        let size = outgoing.slots.size
        let count = writer.count
        var start = 0
        repeat {
            if start > 0 { try outgoing.waitForRoom(for: number) }
            let end = min(start + size, count)
            writer.withBytes { bytes in
                outgoing.send(
                    UnsafeRawBufferPointer(rebasing: bytes[start..<end]), number: number, goesOn: end < count,
                    isLast: isLast && end == count, progress: min(Double(done) / Double(weight), 1)
                )
            }
            number += 1
            start = end
        } while start < count
        guard !isLast else { return }
        try outgoing.waitForRoom(for: number)
        writer = Self.makeWriter(outgoing.slot(number))
    }
}

/// What begins each part of a state.
enum StateItem: UInt8 {
    /// A property: its name and its value.
    case whole
    /// A property whose value may go on in the next chunks: its name, its head, and then what is in it.
    case inPieces
    /// Nothing more follows.
    case end
}

extension CapturedState {
    /// Gives the state to another node, in chunks.
    ///
    /// - Throws: ``LockstepError/Code/encodingFailed``, which names the property; ``StateInterruption``.
    func write(to outgoing: OutgoingState) throws {
        let fields = try orderedFields()
        var chunks = try StateChunkWriter(to: outgoing, weight: weight)
        for field in fields {
            do {
                try chunks.write(field)
            } catch let error as StateInterruption {
                throw error
            } catch {
                throw Self.cannotEncode(field, error)
            }
        }
        try chunks.write { $0.writeByte(StateItem.end.rawValue) }
        try chunks.finish()
    }

    /// What the state takes in memory, about.
    var weight: Int { fields.reduce(0) { $0 + ($1.pieces()?.weight ?? 0) } }

    /// As they were written, but for the level: it says how to read the others.
    private func orderedFields() throws -> [Field] {
        guard Set(fields.map(\.name)).count == fields.count else { throw WireError.ambiguous(type: "\(Self.self)") }
        return fields.filter { $0.name == StateReader.levelName } + fields.filter { $0.name != StateReader.levelName }
    }
}

extension StateChunkWriter {
    fileprivate mutating func write(_ field: CapturedState.Field) throws {
        if let value = field.pieces(), value.weight > StateChunk.messageBytesMax {
            try write { writer in
                writer.writeByte(StateItem.inPieces.rawValue)
                field.name.write(to: &writer)
                value.head.write(to: &writer)
            }
            try value.writePieces(to: &self)
        } else {
            try write { writer in
                writer.writeByte(StateItem.whole.rawValue)
                field.name.write(to: &writer)
                try field.write(&writer)
            }
        }
    }
}
