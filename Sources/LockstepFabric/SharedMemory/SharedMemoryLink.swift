/// A connected peer, as one channel of the fabric sees it.
struct SharedMemoryLink {
    let peer: Peer
    let memory: SharedMemoryMirror
    let channel: FabricChannel
    let strands: StrandShare
    private let parked: WatchedWord
    /// The word of mine on which the peer sleeps.
    private let word: FutexWord
    /// The bells of the peer that have been taken.
    private var bellsTaken: UInt64 = 0

    init(peer: Peer, memory: SharedMemoryMirror, channel: FabricChannel, own: SharedMemoryRegion) {
        self.peer = peer
        self.memory = memory
        self.channel = channel
        strands = StrandShare(of: channel, own.pollers, memory.pollers)
        let thread = channel.thread(pollers: memory.pollers)
        word = own.region.futexWord(thread.wakeOffset(for: peer))
        parked = memory.mirror.watchedWord(thread.parkedOffset)
    }

    /// The words of a peer's that wake one of my threads: at most two of each, for the kernel waits on no more than 128.
    static func wordsToWatch(in mirror: Mirror, for me: Peer, on channel: FabricChannel) -> [WatchedWord] {
        let wake = mirror.watchedWord(channel.wakeOffset(for: me))
        let life = mirror.watchedWord(SharedMemoryLayout.lifeOffset(for: me))
        return channel == .membership ? [wake, life] : [wake]
    }

    /// True if it is one of these, has the strand, and sleeps.
    func mustBeWoken(among peers: PeerSet, for strand: Int) -> Bool {
        peers.contains(peer) && strands.contains(strand) && parked.value != 0
    }

    func wake() {
        word.raise()
        word.wake()
    }

    /// The next bell of the peer, ``Bell/all`` if some have been missed, nil if there is none.
    mutating func takeBell() -> Int? {
        let next = bellsTaken + 1
        let word = memory.mirror.loadAcquiring(channel.bellOffset(next))
        let count = Bell.count(word)
        guard count >= next else { return nil }
        bellsTaken = count
        return count == next ? Bell.number(word) : Bell.all
    }
}
