/// A connected peer, as one channel of the fabric sees it.
struct SharedMemoryLink {
    let peer: Peer
    let memory: SharedMemoryMirror
    let channel: FabricChannel
    let parked: WatchedWord
    /// The word of mine on which the peer sleeps.
    let word: FutexWord
    /// The bells of the peer that have been taken.
    private var bellsTaken: UInt64 = 0

    init(peer: Peer, memory: SharedMemoryMirror, channel: FabricChannel, word: FutexWord) {
        self.peer = peer
        self.memory = memory
        self.channel = channel
        self.word = word
        parked = memory.mirror.watchedWord(channel.parkedOffset)
    }

    /// The words of the peer's that wake me: at most two of each, for the kernel waits on no more than 128.
    func wordsToWatch(for me: Peer) -> [WatchedWord] {
        let wake = memory.mirror.watchedWord(channel.wakeOffset(for: me))
        return switch channel {
        case .polling: [wake]
        case .membership: [wake, memory.mirror.watchedWord(SharedMemoryLayout.lifeOffset(for: me))]
        }
    }

    /// True if it is one of these, and sleeps.
    func mustBeWoken(among peers: PeerSet) -> Bool { peers.contains(peer) && parked.value != 0 }

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
