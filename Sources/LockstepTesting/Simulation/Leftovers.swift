import LockstepFabric
import LockstepProtocol

/// What an earlier view, or nothing sensible at all, left in the memory that a view starts in.
///
/// Words are put together here by hand, not by the protocol, so that a mistake there cannot hide here.
package struct LeftoverWriter {
    private let group: Scenario.Group
    private let random: SharedRandom

    package init(group: Scenario.Group, random: SharedRandom) {
        self.group = group
        self.random = random
    }

    /// Fills a member's line and ring with what a view before this one would have left there.
    package func writeLastView(of member: ShardLayout.Member, into memory: SimulatedMemory) {
        let tag = WireWord.tag(of: group.view + 65_534)
        for offset in stride(from: 0, to: Line.size, by: 8) {
            let count = UInt64(random.pick(0...1_000))
            memory.region.store(WireWord.counter(count, tag), at: member.line + offset)
        }
        var offset = 0
        var round = UInt64(random.pick(0...100))
        while offset < member.ring.count {
            offset += writeRecord(round, tag, at: offset, of: member.ring, into: memory)
            round += UInt64(random.pick(1...3))
        }
    }

    /// Fills a member's line and ring with noise.
    ///
    /// A view begins with lines that do not bear its tag; in a ring any word may, by chance.
    package func writeGarbage(of member: ShardLayout.Member, into memory: SimulatedMemory) {
        let tag = WireWord.tag(of: group.view)
        for offset in stride(from: 0, to: Line.size, by: 8) {
            let word = random.next()
            memory.region.store(WireWord.tag(in: word) == tag ? 0 : word, at: member.line + offset)
        }
        for offset in stride(from: member.ring.lowerBound, to: member.ring.upperBound, by: 8) {
            let count = UInt64(random.pick(0...50))
            memory.region.store(random.oneIn(2) ? random.next() : WireWord.counter(count, tag), at: offset)
        }
    }

    private func writeRecord(
        _ round: UInt64, _ tag: UInt64, at offset: Int, of ring: Range<Int>, into memory: SimulatedMemory
    ) -> Int {
        let length = min(random.pick(0...12) * 16, ring.count - offset - Record.headerSize)
        let start = ring.lowerBound + offset
        memory.region.store(WireWord.counter(round, tag), at: start)
        memory.region.store(1 << 60 | UInt64(length), at: start + 8)
        for word in stride(from: 0, to: length, by: 8) {
            memory.region.store(random.next(), at: start + Record.headerSize + word)
        }
        return Record.headerSize + length
    }
}

/// The words of the protocol as they lie in memory, written down a second time.
enum WireWord {
    /// Where a line holds the count of positions received.
    static let receivedOffset = 8

    static func tag(of view: UInt64) -> UInt64 { view % 65_535 + 1 }
    static func tag(in word: UInt64) -> UInt64 { word >> 48 }
    static func counter(_ count: UInt64, _ tag: UInt64) -> UInt64 { tag << 48 | count }

    /// The count if the word is of this view.
    static func count(in word: UInt64, view: UInt64) -> UInt64? {
        tag(in: word) == tag(of: view) ? word & (1 << 48 - 1) : nil
    }
}
