/// Where the words of the fabric itself lie in a region; the arena for everything else comes behind them.
enum SharedMemoryLayout {
    /// "LOCKSTEP" in little-endian ASCII.
    static let magic: UInt64 = 0x5045_5453_4B43_4F4C
    /// Raised whenever the meaning of any byte in a region changes.
    static let version: UInt64 = 2

    static let magicOffset = 0
    static let versionOffset = 8
    /// 1 while the owner sleeps or is about to.
    static let parkedOffset = 64
    /// Raised by other threads of the owner's process.
    static let ownWakeOffset = 128
    /// Raised when a peer that sleeps is woken; each in a cache line of its own.
    static func wakeOffset(for peer: Peer) -> Int { 4096 + peer.index * 64 }
    /// The bells that this node has rung, in a ring of ``Bell/countMax`` words.
    static let bellsOffset = 4096 + Peer.countMax * 64
    static let arenaOffset = bellsOffset + Bell.countMax * 8
}

/// A bell that was rung, in a word: how many had been before it, over its number.
extension Bell {
    /// As many are remembered; who comes later looks at everything.
    static let countMax = 1024

    static func pack(_ count: UInt64, _ number: Int) -> UInt64 { count << 16 | UInt64(number) }
    static func count(_ word: UInt64) -> UInt64 { word >> 16 }
    static func number(_ word: UInt64) -> Int { Int(word & UInt64(all)) }
    static func offset(_ count: UInt64) -> Int {
        SharedMemoryLayout.bellsOffset + Int(count % UInt64(countMax)) * 8
    }
}
