import LockstepFabric

/// How a message lies in a ring: two words of header, then the payload, to a multiple of 16 bytes.
///
/// The first word is the round with the view tag; 0 means that nothing has been written behind the last record yet.
/// The second is the kind, a place and a length. A record never wraps: padding fills the end of the ring.
///
/// Headers lie in the order of the rounds, whatever the order in which the space was claimed: see ``RingWriter``.
package enum Record {
    package static let headerSize = 16
    package static let ringSizeMin = 1024
    package static let ringSizeMax = 1 << 30

    enum Kind: UInt64 {
        /// The payload follows.
        case message = 1
        /// So many bytes to step over.
        case padding = 2
        /// The payload is in a record that was stepped over before, at this place of the ring.
        case late = 3
    }

    /// The longest payload for a ring: any message fits into a ring whose peers have read everything.
    package static func payloadMax(ring size: Int) -> Int { size / 4 - headerSize }

    @inline(__always)
    static func size(payload count: Int) -> Int { headerSize &+ (count &+ 15) & ~15 }

    /// 4 bits of kind, 30 of place, 30 of length.
    static func describe(_ kind: Kind, _ length: Int, at place: Int = 0) -> UInt64 {
        kind.rawValue << 60 | UInt64(place) << 30 | UInt64(length)
    }
}

/// A record's header, read and checked.
struct RecordHeader {
    let round: UInt64
    let kind: Record.Kind
    /// Where the payload begins, from the start of the ring; for padding, where it does not matter.
    let payload: Int
    let length: Int

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
        let start = kind == .late ? Int(second >> 30 & (1 << 30 - 1)) : place
        guard start &+ Record.headerSize &+ length <= ring.upperBound &- ring.lowerBound else {
            throw .corruptRecord(offset: offset, word: second)
        }
        self.round = round
        self.kind = kind
        self.length = length
        payload = start &+ Record.headerSize
    }

    /// How far the next header is.
    @inline(__always)
    var step: Int {
        switch kind {
        case .message: Record.size(payload: length)
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
