/// What marks the counters and records of one view, so that nobody reads an old one as new.
package struct ViewTag: Hashable, Sendable {
    /// Never 0, so that zeroed memory has no tag. Views that are 65,535 apart share one.
    let bits: UInt64
    /// False if every word counts, to see that a simulation notices.
    private(set) var isChecked = true

    package init(view number: UInt64) { bits = number % 65_535 + 1 }

    /// The same, for those who take every word.
    var unchecked: ViewTag {
        var tag = self
        tag.isChecked = false
        return tag
    }
}

/// A counter in shared memory: one word of 8 bytes, 16 bits of view tag over 48 bits of count.
package enum Counter {
    /// The largest count. A view that nears it has to change.
    package static let countMax: UInt64 = (1 << 48) - 1

    @inline(__always)
    static func pack(_ count: UInt64, _ tag: ViewTag) -> UInt64 {
        precondition(count <= countMax, "a view must change before its counters run out")
        return tag.bits << 48 | count
    }

    /// The count, or nil if the word is of another view.
    @inline(__always)
    static func unpack(_ word: UInt64, _ tag: ViewTag) -> UInt64? {
        word >> 48 == tag.bits || !tag.isChecked ? word & countMax : nil
    }
}

/// The counters of one member in one shard: a cache line that only the member writes.
package enum Line {
    package static let size = 64

    /// Rounds that the member has filled, with messages or with nothing.
    static let sent = 0
    /// The longest gap-free prefix of the total order that it holds.
    static let received = 8
    /// The prefix that is on its stable storage.
    static let persisted = 16
    /// The prefix whose ring bytes it no longer needs.
    static let released = 24
    /// The round after its last message: a hint that tells messages from nulls without reading the ring.
    static let spoken = 32
}
