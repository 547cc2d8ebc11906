/// A connected peer on another host, as one channel of the fabric sees it.
struct RemotePeer {
    let peer: Peer
    let memory: any RemoteMemory
    let link: any RemoteLink
    let strands: StrandShare
    private let own: Region
    private let mirror: Mirror
    /// Where my bells for the peer lie in my region, and where its bells for me lie in its own.
    private let (bells, theirBells): (RemoteBells, RemoteBells)
    private var rung: UInt64 = 0
    private var taken: UInt64 = 0
    /// The last bell that I rang.
    private var lastRung: Int?
    /// True if something was pushed since the last flush.
    private var hasPushed = false
    /// The last bell that the peer rang: it rings no other for the same.
    private(set) var standingBell: Int?

    init(peer: Peer, memory: any RemoteMemory, channel: FabricChannel, own: SharedMemoryRegion, me: Peer) {
        self.peer = peer
        self.memory = memory
        self.own = own.region
        mirror = memory.mirror
        link = memory.open(channel, from: own)
        strands = StrandShare(of: channel, own.pollers, memory.pollers)
        bells = RemoteBells(channel, for: peer)
        theirBells = RemoteBells(channel, for: me)
    }

    /// True if it is one of these, and has the strand.
    func isReached(among peers: PeerSet, on strand: Int) -> Bool { peers.contains(peer) && strands.contains(strand) }

    mutating func push(_ range: Range<Int>) {
        link.push(range)
        hasPushed = true
    }

    /// What was pushed leaves, and wakes nobody.
    mutating func flush() {
        link.flush(waking: false)
        hasPushed = false
    }

    /// Rings a bell behind what was pushed, and sends it all. Whether the peer sleeps is not known here.
    mutating func ring(_ bell: Int) {
        if !hasPushed || bell != lastRung || bell == Bell.all {
            rung += 1
            let offset = bells.offset(rung)
            own.storeReleasing(Bell.pack(rung, bell), at: offset)
            link.push(offset..<offset + 8)
            lastRung = bell
        }
        link.flush(waking: true)
        hasPushed = false
    }

    /// The next bell of the peer, ``Bell/all`` if some have been missed, nil if there is none.
    mutating func takeBell() -> Int? {
        let next = taken + 1
        let word = mirror.loadAcquiring(theirBells.offset(next))
        let count = Bell.count(word)
        guard count >= next else { return nil }
        taken = count
        // Of a bell that was missed this is a later one, and in the end the last.
        standingBell = Bell.number(word)
        return count == next ? Bell.number(word) : Bell.all
    }
}

/// The place of the bells for one peer on another host, who sees only those that it is sent.
struct RemoteBells {
    static let countMax = 16
    /// For all peers of a channel.
    static let size = Peer.countMax * countMax * 8

    private let start: Int

    init(_ channel: FabricChannel, for peer: Peer) {
        start = channel.remoteBellsOffset + peer.index * RemoteBells.countMax * 8
    }

    func offset(_ count: UInt64) -> Int { start + Int(count % UInt64(RemoteBells.countMax)) * 8 }
}
