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
    /// What has not been taken of the record at hand: a counter has vouched for all of it.
    private var left = 0
    private var round: UInt64 = 0
    private var payload = 0
    private var length = 0
    private var stride = 0
    /// What the record takes beside its payloads: it is passed with the first of them.
    private var overhead = 0
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
        if left > 0 { return round }
        return try readHeader(below: sent)
    }

    private mutating func readHeader(below sent: UInt64) throws(ProtocolError) -> UInt64? {
        var paddings = 0
        while let header = try RecordHeader(at: head, ring: ring, of: mirror, tag: tag, below: sent) {
            guard header.kind == .padding else {
                left = header.count
                round = header.round
                payload = ring.lowerBound &+ header.payload
                length = header.length
                stride = Record.stride(payload: length)
                // A late payload may have kept everything behind it from being used again.
                overhead = header.kind == .late ? ring.count : header.step &- left &* stride
                step(header.step)
                return round
            }
            // A ring of nothing but padding is none that anybody wrote.
            paddings &+= header.step
            guard paddings <= ring.count else { throw .corruptRecord(offset: ring.lowerBound + head, word: 0) }
            step(header.step)
            passedBytes &+= header.step
            paddedBelow = header.round + 1
        }
        return nil
    }

    /// Hands over as many of the messages of the record at hand as are wanted and there are, and returns how many.
    @inline(__always)
    mutating func take(upTo count: Int, _ body: (UnsafeRawBufferPointer) -> Void) -> Int {
        let taken = min(count, left)
        for index in 0..<taken {
            let start = payload &+ index &* stride
            body(mirror.bytes(Range(uncheckedBounds: (start, start &+ length))))
        }
        payload &+= taken &* stride
        round &+= UInt64(taken)
        left &-= taken
        passedBytes &+= taken &* stride &+ overhead
        overhead = 0
        return taken
    }

    /// How much of the ring may be free since the last call.
    mutating func takePassedBytes() -> Int {
        defer { passedBytes = 0 }
        return passedBytes
    }

    private mutating func step(_ count: Int) {
        head = (head &+ count) & (ring.upperBound &- ring.lowerBound &- 1)
    }
}
