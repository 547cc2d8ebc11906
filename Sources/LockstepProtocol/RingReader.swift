import LockstepFabric

/// A reader's place in a sender's ring.
struct RingReader {
    private let mirror: Mirror
    private let ring: Range<Int>
    private let tag: ViewTag
    private var head: UInt64 = 0
    /// The record at `head`, once a counter has vouched for it.
    private var next: RecordHeader?

    init(mirror: Mirror, ring: Range<Int>, tag: ViewTag) {
        self.mirror = mirror
        self.ring = ring
        self.tag = tag
    }

    /// The round of the next message among the rounds below `sent`, or nil if all that is left of them is nulls.
    mutating func nextRound(below sent: UInt64) throws(ProtocolError) -> UInt64? {
        if next == nil { try look(below: sent) }
        return next?.round
    }

    /// Steps over the next message: its payload, and the bytes of the ring that it takes.
    mutating func take() -> (payload: UnsafeRawBufferPointer, size: Int) {
        guard let record = next else { preconditionFailure("a message must be found before it is taken") }
        next = nil
        let start = ring.lowerBound + place(head) + Record.headerSize
        let size = Record.size(payload: record.length)
        head += UInt64(size)
        return (mirror.bytes(start..<start + record.length), size)
    }

    private mutating func look(below sent: UInt64) throws(ProtocolError) {
        while let header = try RecordHeader(at: head, ring: ring, of: mirror, tag: tag, below: sent) {
            guard header.kind == .padding else {
                next = header
                return
            }
            head += UInt64(ring.count - place(head))
        }
    }

    private func place(_ absolute: UInt64) -> Int { Int(absolute & UInt64(ring.count - 1)) }
}
