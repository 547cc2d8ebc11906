import LockstepFabric

/// How messages lie in a ring: two words of header, then the payloads of one or more messages of one length, each at a
/// multiple of 8 bytes, to a multiple of 16.
///
/// The first word is the round of the first message with the view tag; 0 means that nothing has been written behind
/// the last record yet. The second is the kind, a number and a length. The messages of a record take consecutive
/// rounds. A record never wraps: padding fills the end of the ring.
///
/// Headers lie in the order of the rounds, whatever the order in which the space was claimed: see ``RingWriter``.
package enum Record {
    package static let headerSize = 16
    package static let ringSizeMin = 1024
    package static let ringSizeMax = 1 << 30

    enum Kind: UInt64 {
        /// The payloads follow, as many as the number says.
        case messages = 1
        /// So many bytes to step over.
        case padding = 2
        /// One payload that was stepped over before. It begins a header's size behind the place that the number is.
        case late = 3
    }

    /// The longest payload for a ring: any message fits into a ring whose peers have read everything.
    package static func payloadMax(ring size: Int) -> Int { size / 4 - headerSize }

    /// From payload to payload.
    @inline(__always)
    static func stride(payload length: Int) -> Int { (length &+ 7) & ~7 }

    /// Of a record with so many payloads; nothing if there are none.
    @inline(__always)
    static func size(payload length: Int, count: Int = 1) -> Int {
        count == 0 ? 0 : headerSize &+ (stride(payload: length) &* count &+ 15) & ~15
    }

    /// 4 bits of kind, 30 of number, 30 of length.
    static func describe(_ kind: Kind, _ length: Int, number: Int = 0) -> UInt64 {
        kind.rawValue << 60 | UInt64(number) << 30 | UInt64(length)
    }
}

/// A record's header, read and checked.
struct RecordHeader {
    /// That of the first message.
    let round: UInt64
    let kind: Record.Kind
    /// Where the first payload begins, from the start of the ring; for padding, where it does not matter.
    let payload: Int
    let length: Int
    /// How many messages it holds; none if it is padding.
    let count: Int

    /// Reads the header at a place of a ring; nil if no record of this view and of a round below `sent` is there
    /// yet. Only such a round vouches for the second word: the two of a later one may arrive in any order.
    @inline(__always)
    init?(
        at place: Int, ring: Range<Int>, of mirror: Mirror, tag: ViewTag, below sent: UInt64
    ) throws(ProtocolError) {
        let offset = ring.lowerBound &+ place
        let first = mirror.loadAcquiring(offset)
        guard let round = Counter.unpack(first, tag), round < sent else { return nil }
        let second = mirror.loadAcquiring(offset &+ 8)
        let length = Int(second & (1 << 30 - 1))
        guard let kind = Record.Kind(rawValue: second >> 60) else {
            throw .corruptRecord(offset: offset, word: second)
        }
        // Padding goes on to a header, and headers lie at multiples of their size.
        if kind == .padding && length % Record.headerSize != 0 { throw .corruptRecord(offset: offset, word: second) }
        let number = Int(second >> 30 & (1 << 30 - 1))
        let start = kind == .late ? number : place
        count = kind == .messages ? number : kind == .late ? 1 : 0
        let size = kind == .messages ? Record.stride(payload: length) &* count : length
        guard start &+ Record.headerSize &+ size <= ring.upperBound &- ring.lowerBound,
            UInt64(count) <= sent &- round, kind == .padding || count > 0
        else { throw .corruptRecord(offset: offset, word: second) }
        self.round = round
        self.kind = kind
        self.length = length
        payload = start &+ Record.headerSize
    }

    /// How far the next header is.
    @inline(__always)
    var step: Int {
        switch kind {
        case .messages: Record.size(payload: length, count: count)
        case .padding: Record.headerSize + length
        case .late: Record.headerSize
        }
    }
}

/// Why a shard cannot go on in this view.
package enum ProtocolError: Error, Hashable, CustomStringConvertible {
    /// A peer's memory holds what no correct peer writes.
    case corruptRecord(offset: Int, word: UInt64)
    /// The view has delivered as much as its counters can count.
    case countersExhausted

    package var description: String {
        switch self {
        case .corruptRecord(let offset, let word):
            "A peer's ring holds an impossible record header 0x\(String(word, radix: 16)) at offset \(offset)."
        case .countersExhausted:
            "The counters of this view are used up. Restart the nodes of the cluster to form a new view."
        }
    }
}
