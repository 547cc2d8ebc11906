import LockstepFabric

/// How a message lies in a ring: two words of header, then the payload, to a multiple of 16 bytes.
///
/// The first word is the round with the view tag; 0 means that nothing has been written behind the last record yet.
/// The second is the length of the payload with the kind in its highest byte. A record never wraps: padding fills
/// the end of the ring.
package enum Record {
    package static let headerSize = 16
    package static let ringSizeMin = 1024

    enum Kind: UInt64 {
        case message = 1
        case padding = 2
    }

    /// The longest payload for a ring: any message fits into a ring whose peers have read everything.
    package static func payloadMax(ring size: Int) -> Int { size / 4 - headerSize }

    static func size(payload count: Int) -> Int { headerSize + (count + 15) & ~15 }

    static func describe(_ kind: Kind, _ length: Int) -> UInt64 { kind.rawValue << 56 | UInt64(length) }
}

/// A record's header, read and checked.
struct RecordHeader {
    let round: UInt64
    let kind: Record.Kind
    let length: Int

    /// Reads the header at an absolute offset of a ring; nil if no record of this view and of a round below `sent` is
    /// there yet. Only such a round vouches for the second word: the two of a later one may arrive in any order.
    init?(
        at head: UInt64, ring: Range<Int>, of mirror: Mirror, tag: ViewTag, below sent: UInt64
    ) throws(ProtocolError) {
        let place = Int(head & UInt64(ring.count - 1))
        let offset = ring.lowerBound + place
        let first = mirror.loadAcquiring(offset)
        guard let round = Counter.unpack(first, tag), round < sent else { return nil }
        let second = mirror.loadAcquiring(offset + 8)
        let length = second & ((1 << 56) - 1)
        guard let kind = Record.Kind(rawValue: second >> 56),
            length <= UInt64(ring.count - place - Record.headerSize)
        else { throw .corruptRecord(offset: offset, word: second) }
        self.round = round
        self.kind = kind
        self.length = Int(length)
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
