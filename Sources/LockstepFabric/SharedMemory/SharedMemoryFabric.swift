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
    private let parked: FutexWord
    private var waitSet: WaitSet
    private var bellsEver: UInt64 = 0

    /// A connected peer.
    private struct Link {
        let peer: Peer
        let memory: SharedMemoryMirror
        let parked: WatchedWord
        /// The word of mine on which the peer sleeps.
        let word: FutexWord
        /// The bells of the peer that have been taken.
        var bellsTaken: UInt64 = 0

        /// The next bell of the peer, ``Bell/all`` if some have been missed, nil if there is none.
        mutating func takeBell() -> Int? {
            let next = bellsTaken + 1
            let word = memory.mirror.loadAcquiring(Bell.offset(next))
            let count = Bell.count(word)
            guard count >= next else { return nil }
            bellsTaken = count
            return count == next ? Bell.number(word) : Bell.all
        }
    }

    private let links: ThreadBound<[Link]>
    /// The place of a peer in `links`.
    private var places = [Int?](repeating: nil, count: Peer.countMax)

    /// Connects a node to its peers, whose regions are mapped already.
    package init(own: SharedMemoryRegion, me: Peer, mirrors: [Peer: SharedMemoryMirror]) {
        self.own = own
        self.me = me
        parked = own.region.futexWord(SharedMemoryLayout.parkedOffset)
        let links = mirrors.map { peer, memory in
            Link(
                peer: peer, memory: memory,
                parked: memory.mirror.watchedWord(SharedMemoryLayout.parkedOffset),
                word: own.region.futexWord(SharedMemoryLayout.wakeOffset(for: peer))
            )
        }
        for place in links.indices { places[links[place].peer.index] = place }
        let words = links.map { $0.memory.mirror.watchedWord(SharedMemoryLayout.wakeOffset(for: me)) }
        self.links = ThreadBound(links)
        waitSet = WaitSet(words + [own.region.mirror.watchedWord(SharedMemoryLayout.ownWakeOffset)])
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
        guard let place = places[peer.index] else { preconditionFailure("a mirror must be of a connected peer") }
        return links.value[place].memory.mirror
    }

    package func push(_ range: Range<Int>, to peers: PeerSet) {}

    package func notify(_ peers: PeerSet, of bell: Int, wakingWhen isNeeded: () -> Bool) {
        bellsEver += 1
        region.storeReleasing(Bell.pack(bellsEver, bell), at: Bell.offset(bellsEver))
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        var mustWake: Bool?
        for link in links.value where peers.contains(link.peer) && link.parked.value != 0 {
            let isNeeded = mustWake ?? isNeeded()
            mustWake = isNeeded
            guard isNeeded else { return }
            link.word.raise()
            link.word.wake()
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
