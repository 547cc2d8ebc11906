import CLockstep

/// Where the words of the fabric itself lie in a region; the arena for everything else comes behind them.
enum SharedMemoryLayout {
    /// "LOCKSTEP" in little-endian ASCII.
    static let magic: UInt64 = 0x5045_5453_4B43_4F4C
    /// Raised whenever the meaning of any byte in a region changes.
    static let version: UInt64 = 6

    static let magicOffset = 0
    static let versionOffset = 8
    /// What the number of the thread that holds the words of life means, and to whom.
    static let namespaceOffset = 16
    /// How many pollers the owner has.
    static let pollersOffset = 24
    /// A `lockstep_life`: words by which each peer sees whether the owner lives.
    static let lifeOffset = 1024
    static func lifeOffset(for peer: Peer) -> Int { lifeOffset + lockstep_life_word_offset(peer.index) }

    static let arenaOffset = FabricChannel.all(pollers: Strand.count).map { $0.offset + FabricChannel.size }.max() ?? 0
}

/// Who uses the fabric on a node. Each has words of its own to park on and to wake with, and bells of its own.
package struct FabricChannel: Hashable, Sendable, CustomStringConvertible {
    /// Its place among the channels of a node.
    let number: Int

    /// The first poller, which moves messages.
    package static let polling = FabricChannel(number: 0)
    /// The thread that watches who is there; it also wakes up when a peer's process dies.
    package static let membership = FabricChannel(number: 1)

    /// One of the pollers.
    package static func poller(_ index: Int) -> FabricChannel {
        precondition((0..<Strand.count).contains(index), "a node has at most Strand.count pollers")
        return FabricChannel(number: index == 0 ? 0 : index + 1)
    }

    /// Those of a node with so many pollers, or between two nodes of which one has so many and the other no more.
    package static func all(pollers: Int) -> [FabricChannel] { (0...pollers).map { FabricChannel(number: $0) } }

    /// The poller's place among those of its node; nil for the membership.
    package var poller: Int? {
        switch number {
        case 0: 0
        case 1: nil
        default: number - 1
        }
    }

    /// The channel of the thread that does the work of this one at a node with so many pollers.
    package func thread(pollers: Int) -> FabricChannel { poller.map { .poller($0 % pollers) } ?? self }

    package var description: String {
        switch poller {
        case nil: "membership"
        case 0: "polling"
        case let poller?: "polling\(poller)"
        }
    }

    static let size = remoteBellsPlace + RemoteBells.size
    private static let bellsPlace = 128 + Peer.countMax * 64
    private static let remoteBellsPlace = bellsPlace + Bell.countMax * 8

    var offset: Int { 4096 + number * FabricChannel.size }

    /// 1 while the owner sleeps or is about to.
    var parkedOffset: Int { offset }
    /// Raised by other threads of the owner's process.
    var ownWakeOffset: Int { offset + 64 }
    /// Raised when a peer that sleeps is woken; each in a cache line of its own.
    func wakeOffset(for peer: Peer) -> Int { offset + 128 + peer.index * 64 }
    /// The place of a bell that this node has rung, in a ring of ``Bell/countMax`` words.
    func bellOffset(_ count: UInt64) -> Int {
        offset + FabricChannel.bellsPlace + Int(count % UInt64(Bell.countMax)) * 8
    }
    /// Bells for peers on other hosts, each of whom has its own.
    var remoteBellsOffset: Int { offset + FabricChannel.remoteBellsPlace }
}

/// A bell that was rung, in a word: how many had been before it, over its number.
extension Bell {
    /// As many are remembered; who comes later looks at everything.
    static let countMax = 1024

    static func pack(_ count: UInt64, _ number: Int) -> UInt64 { count << 16 | UInt64(number) }
    static func count(_ word: UInt64) -> UInt64 { word >> 16 }
    static func number(_ word: UInt64) -> Int { Int(word & UInt64(all)) }
}
