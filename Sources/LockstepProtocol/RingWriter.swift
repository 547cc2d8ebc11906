import LockstepFabric

/// The owner's side of a ring: where the next record goes, and which bytes may be used again.
struct RingWriter {
    private let region: Region
    private let ring: Range<Int>
    private let tag: ViewTag
    /// Bytes ever written, and ever freed. Their difference is what is in use.
    private var head: UInt64 = 0
    private var tail: UInt64 = 0
    private var published: UInt64 = 0
    /// False until the word that says that the ring is empty has been published, over whatever lay there before.
    private var isStartPublished = false

    init(region: Region, ring: Range<Int>, tag: ViewTag) {
        self.region = region
        self.ring = ring
        self.tag = tag
        region.store(0, at: ring.lowerBound)
    }

    /// Writes a record for a round; false if the ring lacks room for it now.
    mutating func append(_ payload: UnsafeRawBufferPointer, round: UInt64) -> Bool {
        precondition(payload.count <= Record.payloadMax(ring: ring.count), "a message must fit into the ring")
        let size = Record.size(payload: payload.count)
        let rest = ring.count - place(head)
        let padding = rest < size ? rest : 0
        // Behind the record there must be room for the word that says that nothing follows yet.
        guard Int(head - tail) + padding + size + Record.headerSize <= ring.count else { return false }
        if padding > 0 {
            write(header: .padding, padding - Record.headerSize, round)
            head += UInt64(padding)
        }
        let record = head
        region.write(payload, at: ring.lowerBound + place(record) + Record.headerSize)
        region.store(0, at: ring.lowerBound + place(record + UInt64(size)))
        write(header: .message, payload.count, round)
        head += UInt64(size)
        return true
    }

    /// Frees every record whose position all members have released.
    mutating func free(position released: UInt64, of sender: Int, among senders: Int) {
        while tail < published, let header = ownHeader(tail),
            header.round * UInt64(senders) + UInt64(sender) < released
        {
            let payload = header.length
            tail += UInt64(
                header.kind == .padding ? payload + Record.headerSize : Record.size(payload: payload))
        }
    }

    /// The ranges written since the last call, each without a wrap, the final zero word included.
    mutating func takeUnpublished() -> [Range<Int>] {
        guard published < head || !isStartPublished else { return [] }
        defer { (published, isStartPublished) = (head, true) }
        let start = place(published)
        let end = start + Int(head - published) + Record.headerSize
        let first = ring.lowerBound + start..<ring.lowerBound + min(end, ring.count)
        return end <= ring.count ? [first] : [first, ring.lowerBound..<ring.lowerBound + end - ring.count]
    }

    private func place(_ absolute: UInt64) -> Int { Int(absolute & UInt64(ring.count - 1)) }

    private func write(header kind: Record.Kind, _ length: Int, _ round: UInt64) {
        let offset = ring.lowerBound + place(head)
        region.store(Record.describe(kind, length), at: offset + 8)
        region.storeReleasing(Counter.pack(round, tag), at: offset)
    }

    private func ownHeader(_ head: UInt64) -> RecordHeader? {
        do {
            return try RecordHeader(at: head, ring: ring, of: region.mirror, tag: tag, below: .max)
        } catch {
            preconditionFailure("a ring must hold only records that its owner wrote: \(error)")
        }
    }
}
