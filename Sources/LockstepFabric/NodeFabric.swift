import CLockstep
import Synchronization

/// A node's fabric: one region, and a link to each peer, of the kind that the peer's memory asks for.
///
/// **On one host** a mirror is the peer's own memory, so a push copies nothing. Who parks publishes `parked`, then looks
/// at everything once more, then sleeps on one word of each peer. Who pushes raises its counters, then reads `parked`, and
/// only if a peer sleeps raises the peer's word and wakes it. Each side has a full fence between its write and its read,
/// so that at least one of them sees the other. `docs/models/park-wake` has a model of this that is checked exhaustively.
///
/// **Between hosts** a ``RemoteLink`` copies what is pushed into the peer's mirror, and wakes the thread there if it
/// sleeps: it raises the word that all threads of the process do, behind what has arrived.
package final class NodeFabric: Fabric {
    private let own: SharedMemoryRegion
    private let me: Peer
    private let channel: FabricChannel
    private let parked: FutexWord
    // One thread looks at these, in every turn: the language need not check at run time that accesses do not overlap.
    @exclusivity(unchecked) private var waitSet = WaitSet([] as [WatchedWord])
    @exclusivity(unchecked) private var rings: [BellRing] = []
    @exclusivity(unchecked) package private(set) var standingBells: [Int] = []
    private let links = ThreadBound<[SharedMemoryLink]>([])
    private let remotes = ThreadBound<[RemotePeer]>([])
    /// The memory of each peer, by its index.
    private var memories = [(any PeerMemory)?](repeating: nil, count: Peer.countMax)

    /// The bells that this thread rings for peers on its host, in my region.
    private struct BellRing {
        let channel: FabricChannel
        /// For whom it rings: those of different numbers of pollers share strands in different ways.
        var shares: [StrandShare] = []
        var count: UInt64 = 0

        func carries(_ strand: Int) -> Bool { shares.contains { $0.contains(strand) } }
    }

    /// Connects one of a node's threads, which calls everything else, to its peers. Each of the node's pollers has a fabric of
    /// its own.
    package init(
        own: SharedMemoryRegion, me: Peer, memories: [Peer: any PeerMemory] = [:], channel: FabricChannel = .polling
    ) {
        self.own = own
        self.me = me
        self.channel = channel
        parked = own.region.futexWord(channel.parkedOffset)
        for (peer, memory) in memories { add(peer, memory) }
        follow()
    }

    /// Connects a peer. Its place may have been another's, who is disconnected.
    package func connect(_ peer: Peer, _ memory: any PeerMemory) {
        add(peer, memory)
        follow()
    }

    /// Lets go of a peer. Whoever still reads its memory keeps what this returns.
    package func disconnect(_ peer: Peer) -> any PeerMemory {
        let memory = memory(of: peer)
        memories[peer.index] = nil
        links.value.removeAll { $0.peer == peer }
        for remote in remotes.value where remote.peer == peer { remote.link.close() }
        remotes.value.removeAll { $0.peer == peer }
        follow()
        return memory
    }

    /// Connects exactly these peers.
    package func connect(only wanted: [Peer: any PeerMemory]) {
        for (index, memory) in memories.enumerated() {
            guard let memory, wanted[Peer(index)] !== memory else { continue }
            _ = disconnect(Peer(index))
        }
        for (peer, memory) in wanted where memories[peer.index] == nil { connect(peer, memory) }
    }

    private func add(_ peer: Peer, _ memory: any PeerMemory) {
        precondition(peer != me && memories[peer.index] == nil, "a place must be free before a peer takes it")
        memories[peer.index] = memory
        switch memory {
        case let memory as SharedMemoryMirror:
            for channel in channels(to: memory) {
                links.value.append(SharedMemoryLink(peer: peer, memory: memory, channel: channel, own: own))
            }
        case let memory as any RemoteMemory:
            for channel in channels(to: memory) {
                remotes.value.append(RemotePeer(peer: peer, memory: memory, channel: channel, own: own, me: me))
            }
        default:
            preconditionFailure("a peer's memory must be shared or remote")
        }
    }

    /// Those to a peer that are this thread's: several if the peer has more pollers.
    private func channels(to memory: any PeerMemory) -> [FabricChannel] {
        memory.channels(from: own).filter { $0.thread(pollers: own.pollers) == channel }
    }

    /// Finds the words to sleep on and the bells to ring again, after the links have changed.
    private func follow() {
        let words = memories.compactMap { ($0 as? SharedMemoryMirror)?.mirror }
            .flatMap { SharedMemoryLink.wordsToWatch(in: $0, for: me, on: channel) }
        for place in rings.indices { rings[place].shares = [] }
        for link in links.value {
            let place = rings.firstIndex { $0.channel == link.channel } ?? rings.endIndex
            if place == rings.endIndex { rings.append(BellRing(channel: link.channel)) }
            if !rings[place].shares.contains(link.strands) { rings[place].shares.append(link.strands) }
        }
        followStanding()
        waitSet = WaitSet(words + [own.region.mirror.watchedWord(channel.ownWakeOffset)])
    }

    private func memory(of peer: Peer) -> any PeerMemory {
        guard let memory = memories[peer.index] else { preconditionFailure("a peer must be connected") }
        return memory
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

    package func mirror(of peer: Peer) -> Mirror { peer == me ? region.mirror : memory(of: peer).mirror }

    /// Whether a connected peer's process lives.
    package func life(of peer: Peer) -> Life { memory(of: peer).life(seenBy: me) }

    /// True if a connected peer on this host lives and wants to go on, and its host has no processor for it.
    ///
    /// It is woken first: also a clock may be late that should have ended its sleep.
    package func isStarved(_ peer: Peer) -> Bool {
        precondition(channel == .membership, "only the thread for the membership holds the words of life")
        guard let link = links.value.first(where: { $0.peer == peer }) else { return false }
        link.wake()
        return link.memory.isStarved(seenBy: me)
    }

    package func push(_ range: Range<Int>, to peers: PeerSet, on strand: Int) {
        for place in remotes.value.indices where remotes.value[place].isReached(among: peers, on: strand) {
            remotes.value[place].push(range)
        }
    }

    /// What was pushed leaves, and wakes nobody.
    package func flush(_ peers: PeerSet) {
        for place in remotes.value.indices where peers.contains(remotes.value[place].peer) {
            remotes.value[place].flush()
        }
    }

    package func notify(_ peers: PeerSet, of bell: Int, on strand: Int, wakingWhen isNeeded: () -> Bool) {
        // First those to whom the way is longer.
        for place in remotes.value.indices where remotes.value[place].isReached(among: peers, on: strand) {
            remotes.value[place].ring(bell)
        }
        for place in rings.indices where rings[place].carries(strand) {
            rings[place].count += 1
            let count = rings[place].count
            region.storeReleasing(Bell.pack(count, bell), at: rings[place].channel.bellOffset(count))
        }
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        var mustWake: Bool?
        for place in links.value.indices where links.value[place].mustBeWoken(among: peers, for: strand) {
            let isNeeded = mustWake ?? isNeeded()
            mustWake = isNeeded
            guard isNeeded else { return }
            links.value[place].wake()
        }
    }

    package func takeBells(_ body: (Int) -> Void) {
        for place in links.value.indices {
            while let bell = links.value[place].takeBell() { body(bell) }
        }
        for place in remotes.value.indices {
            remotes.value[place].link.poll()
            let former = remotes.value[place].standingBell
            var standing = former
            while let bell = remotes.value[place].takeBell() {
                if let last = standing, remotes.value[place].standingBell != last {
                    // The peer may have pushed for it without a bell until just before it rang another.
                    body(last)
                    standing = nil
                }
                body(bell)
            }
            if remotes.value[place].standingBell != former { followStanding() }
        }
    }

    private func followStanding() {
        standingBells = Array(Set(remotes.value.compactMap(\.standingBell))).filter { $0 != Bell.all }
    }

    package func park(until deadline: @autoclosure () -> Int64?, unless hasWork: () -> Bool) {
        waitSet.expectWhatIsThere()
        parked.store(1)
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        defer {
            parked.store(0)
            for remote in remotes.value { remote.link.unpark() }
        }
        var isReady = true
        for remote in remotes.value where !remote.link.prepareToPark() { isReady = false }
        guard !hasWork(), isReady else { return }
        waitSet.wait(until: deadline())
    }
}
