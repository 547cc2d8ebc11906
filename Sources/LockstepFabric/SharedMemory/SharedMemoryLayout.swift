import CLockstep

/// Where the words of the fabric itself lie in a region; the arena for everything else comes behind them.
enum SharedMemoryLayout {
    /// "LOCKSTEP" in little-endian ASCII.
    static let magic: UInt64 = 0x5045_5453_4B43_4F4C
    /// Raised whenever the meaning of any byte in a region changes.
    static let version: UInt64 = 5

    static let magicOffset = 0
    static let versionOffset = 8
    /// What the number of the thread that holds the words of life means, and to whom.
    static let namespaceOffset = 16
    /// A `lockstep_life`: words by which each peer sees whether the owner lives.
    static let lifeOffset = 1024
    static func lifeOffset(for peer: Peer) -> Int { lifeOffset + lockstep_life_word_offset(peer.index) }

    static let arenaOffset = FabricChannel.membership.offset + FabricChannel.size
}

/// Who uses the fabric on a node. Each has words of its own to park on and to wake with, and bells of its own.
package enum FabricChannel: Int, Sendable, CaseIterable {
    /// The poller, which moves messages.
    case polling
    /// The thread that watches who is there; it also wakes up when a peer's process dies.
    case membership

    static let size = remoteBellsPlace + RemoteBells.size
    private static let bellsPlace = 128 + Peer.countMax * 64
    private static let remoteBellsPlace = bellsPlace + Bell.countMax * 8

    var offset: Int { 4096 + rawValue * FabricChannel.size }

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
