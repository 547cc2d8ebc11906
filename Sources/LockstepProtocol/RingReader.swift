import LockstepFabric

/// A reader's place in a sender's ring.
struct RingReader {
    private let mirror: Mirror
    private let ring: Range<Int>
    private let tag: ViewTag
    /// The place of the next header.
    private var head = 0
    /// The bytes of the ring that may be free since somebody asked.
    private var passedBytes = 0
    /// The payload at hand, once a counter has vouched for it.
    private var payload = 0..<0
    private var step = 0
    private var isLate = false
    /// The rounds below it vouch for all padding that was stepped over.
    private(set) var paddedBelow: UInt64 = 0

    init(mirror: Mirror, ring: Range<Int>, tag: ViewTag) {
        self.mirror = mirror
        self.ring = ring
        self.tag = tag
    }

    /// The round of the next message among the rounds below `sent`, or nil if all that is left of them is nulls.
    @inline(__always)
    mutating func nextRound(below sent: UInt64) throws(ProtocolError) -> UInt64? {
        var paddings = 0
        while let header = try RecordHeader(at: head, ring: ring, of: mirror, tag: tag, below: sent) {
            guard header.kind == .padding else {
                let start = ring.lowerBound &+ header.payload
                payload = Range(uncheckedBounds: (start, start &+ header.length))
                step = header.step
                isLate = header.kind == .late
                return header.round
            }
            // A ring of nothing but padding is none that anybody wrote.
            paddings &+= header.step
            guard paddings <= ring.count else { throw .corruptRecord(offset: ring.lowerBound + head, word: 0) }
            pass(header.step)
            paddedBelow = header.round + 1
        }
        return nil
    }

    /// Steps over the message that was found.
    @inline(__always)
    mutating func take() -> UnsafeRawBufferPointer {
        pass(step)
        // A late payload may have kept everything behind it from being used again.
        if isLate { passedBytes += ring.count }
        return mirror.bytes(payload)
    }

    /// How much of the ring may be free since the last call.
    mutating func takePassedBytes() -> Int {
        defer { passedBytes = 0 }
        return passedBytes
    }

    @inline(__always)
    private mutating func pass(_ count: Int) {
        head = (head &+ count) & (ring.upperBound &- ring.lowerBound &- 1)
        passedBytes &+= count
    }
}
