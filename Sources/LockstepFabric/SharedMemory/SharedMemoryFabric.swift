import CLockstep
import Synchronization

/// The fabric between processes of one host: a mirror is the peer's own memory, so a push copies nothing.
///
/// Park and wake: who parks publishes `parked`, then looks at everything once more, then sleeps on one word of each
/// peer. Who pushes raises its counters, then reads `parked`, and only if a peer sleeps raises the peer's word and
/// wakes it. Each side has a full fence between its write and its read, so that at least one of them sees the other.
/// `docs/models/park-wake` has a model of this that is checked exhaustively.
package final class SharedMemoryFabric: Fabric {
    private let own: SharedMemoryRegion
    private let me: Peer
    private let channel: FabricChannel
    private let parked: FutexWord
    private var waitSet = WaitSet([] as [WatchedWord])
    private var bellsEver: UInt64 = 0
    private let links = ThreadBound<[SharedMemoryLink]>([])
    /// The place of a peer in `links`.
    private var places = [Int?](repeating: nil, count: Peer.countMax)

    /// Connects one of a node's threads, which calls everything else, to its peers, whose regions are mapped already.
    package init(
        own: SharedMemoryRegion, me: Peer, mirrors: [Peer: SharedMemoryMirror] = [:],
        channel: FabricChannel = .polling
    ) {
        self.own = own
        self.me = me
        self.channel = channel
        parked = own.region.futexWord(channel.parkedOffset)
        for (peer, memory) in mirrors { links.value.append(link(peer, memory)) }
        follow()
    }

    /// Connects a peer. Its place may have been another's, who is disconnected.
    package func connect(_ peer: Peer, _ memory: SharedMemoryMirror) {
        precondition(peer != me && places[peer.index] == nil, "a place must be free before a peer takes it")
        links.value.append(link(peer, memory))
        follow()
    }

    /// Lets go of a peer. Whoever still reads its memory keeps what this returns.
    package func disconnect(_ peer: Peer) -> SharedMemoryMirror {
        let memory = links.value.remove(at: place(of: peer)).memory
        follow()
        return memory
    }

    /// Connects exactly these peers.
    package func connect(only mirrors: [Peer: SharedMemoryMirror]) {
        for link in links.value where mirrors[link.peer] !== link.memory { _ = disconnect(link.peer) }
        for (peer, memory) in mirrors where places[peer.index] == nil { connect(peer, memory) }
    }

    private func link(_ peer: Peer, _ memory: SharedMemoryMirror) -> SharedMemoryLink {
        SharedMemoryLink(
            peer: peer, memory: memory, channel: channel, word: own.region.futexWord(channel.wakeOffset(for: peer))
        )
    }

    /// Finds the peers' places and words again, after the links have changed.
    private func follow() {
        places = places.map { _ in nil }
        for place in links.value.indices { places[links.value[place].peer.index] = place }
        let words = links.value.flatMap { $0.wordsToWatch(for: me) }
        waitSet = WaitSet(words + [own.region.mirror.watchedWord(channel.ownWakeOffset)])
    }

    private func place(of peer: Peer) -> Int {
        guard let place = places[peer.index] else { preconditionFailure("a peer must be connected") }
        return place
    }

    /// Throws if the kernel lacks what the fabric needs.
    package static func checkKernel() throws(FabricError) {
        let result = lockstep_futex_probe()
        guard result == 0 else {
            throw .system(
                "This process cannot wait for several peers at once (futex_waitv)", -result,
                mend: "Run Linux 5.16 or newer, and a container profile that allows the call."
            )
        }
    }

    package var region: Region { own.region }

    package func mirror(of peer: Peer) -> Mirror {
        if peer == me { return region.mirror }
        return links.value[place(of: peer)].memory.mirror
    }

    /// Whether a connected peer's process lives.
    package func life(of peer: Peer) -> Life { links.value[place(of: peer)].memory.life(seenBy: me) }

    package func push(_ range: Range<Int>, to peers: PeerSet) {}

    package func notify(_ peers: PeerSet, of bell: Int, wakingWhen isNeeded: () -> Bool) {
        bellsEver += 1
        region.storeReleasing(Bell.pack(bellsEver, bell), at: channel.bellOffset(bellsEver))
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        var mustWake: Bool?
        for place in links.value.indices where links.value[place].mustBeWoken(among: peers) {
            let isNeeded = mustWake ?? isNeeded()
            mustWake = isNeeded
            guard isNeeded else { return }
            links.value[place].word.raise()
            links.value[place].word.wake()
        }
    }

    package func takeBells(_ body: (Int) -> Void) {
        for place in links.value.indices {
            while let bell = links.value[place].takeBell() { body(bell) }
        }
    }

    package func park(until deadline: Int64?, unless hasWork: () -> Bool) {
        waitSet.expectWhatIsThere()
        parked.store(1)
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        defer { parked.store(0) }
        guard !hasWork() else { return }
        waitSet.wait(until: deadline)
    }
}
