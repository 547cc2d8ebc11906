import CLockstep
import Synchronization

/// The fabric between processes of one host: a mirror is the peer's own memory, so a push copies nothing.
///
/// Park and wake: who parks publishes `parked`, then looks at everything once more, then sleeps on one word of each
/// peer. Who pushes raises its counters and the word, then reads `parked`. Each side has a full fence between its
/// write and its read, so that at least one of them sees the other.
package final class SharedMemoryFabric: Fabric {
    private let own: SharedMemoryRegion
    private let me: Peer
    private let mirrors: [Peer: SharedMemoryMirror]
    private let parked: FutexWord
    /// The words that this node sleeps on: one of each peer, and its own.
    private let watched: [WatchedWord]

    /// Connects a node to its peers, whose regions are mapped already.
    package init(own: SharedMemoryRegion, me: Peer, mirrors: [Peer: SharedMemoryMirror]) {
        self.own = own
        self.me = me
        self.mirrors = mirrors
        parked = own.region.futexWord(SharedMemoryLayout.parkedOffset)
        let ownWord = own.region.mirror.watchedWord(SharedMemoryLayout.ownWakeOffset)
        watched = mirrors.values.map { $0.mirror.watchedWord(SharedMemoryLayout.wakeOffset(for: me)) } + [ownWord]
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
        guard let mirror = mirrors[peer] else { preconditionFailure("a mirror must be of a connected peer") }
        return mirror.mirror
    }

    package func push(_ range: Range<Int>, to peers: PeerSet, waking: Bool) {
        guard waking else { return }
        for peer in peers where peer != me {
            region.futexWord(SharedMemoryLayout.wakeOffset(for: peer)).raise()
        }
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        for peer in peers where peer != me && isParked(peer) {
            region.futexWord(SharedMemoryLayout.wakeOffset(for: peer)).wake()
        }
    }

    package func park(until deadline: Int64?, unless hasWork: () -> Bool) {
        let expected = watched.map(\.value)
        parked.store(1)
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        defer { parked.store(0) }
        guard !hasWork() else { return }
        WatchedWord.wait(on: watched, expecting: expected, until: deadline)
    }

    private func isParked(_ peer: Peer) -> Bool {
        guard let mirror = mirrors[peer] else { return false }
        return mirror.mirror.watchedWord(SharedMemoryLayout.parkedOffset).value != 0
    }
}

/// Wakes a parked poller from any thread of its own process.
package struct FabricWaker: Sendable {
    let parked: FutexWord
    let word: FutexWord
    /// Keeps the words mapped.
    let region: SharedMemoryRegion

    /// To be called after the work that the poller shall find is where it looks for it.
    package func wake() {
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        guard parked.value != 0 else { return }
        word.raise()
        word.wake()
    }
}
