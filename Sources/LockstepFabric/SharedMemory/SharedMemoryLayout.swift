/// Where the words of the fabric itself lie in a region; the arena for everything else comes behind them.
enum SharedMemoryLayout {
    /// "LOCKSTEP" in little-endian ASCII.
    static let magic: UInt64 = 0x5045_5453_4B43_4F4C
    /// Raised whenever the meaning of any byte in a region changes.
    static let version: UInt64 = 1

    static let magicOffset = 0
    static let versionOffset = 8
    /// 1 while the owner sleeps or is about to.
    static let parkedOffset = 64
    /// Raised by other threads of the owner's process.
    static let ownWakeOffset = 128
    /// Raised with each push to a peer; each in a cache line of its own.
    static func wakeOffset(for peer: Peer) -> Int { 4096 + peer.index * 64 }
    static let arenaOffset = 4096 + Peer.countMax * 64
}
