import LockstepFabric

/// A fabric of one simulated node: memory of its own, and a private copy of each peer's.
///
/// It keeps the promise of ``Fabric`` and breaks everything that the promise leaves open: a push is late, and
/// its words become visible in any order; or, on a coherent network, at once. Parking is a state: who is parked gets
/// no turn until somebody wakes it, so that a lost wake-up shows as a node that never goes on.
package final class SimulatedFabric: Fabric {
    package let me: Peer
    package let memory: SimulatedMemory
    private let network: SimulatedNetwork
    private let copies: [SimulatedMemory]
    /// Runs when somebody wakes this node while it is parked.
    package var onWake: () -> Void = {}
    /// True while this node sleeps, or is about to.
    private(set) package var isParked = false
    private var parkCount = 0
    private var bells: [Int] = []
    private var posted: [Int]
    private var arrived: [Int]

    /// Connects a node to `nodeCount` nodes with regions of one size, itself included.
    package init(me: Int, nodeCount: Int, regionSize: Int, network: SimulatedNetwork) {
        self.me = Peer(me)
        self.network = network
        memory = SimulatedMemory(size: regionSize)
        copies = (0..<nodeCount).map { SimulatedMemory(size: $0 == me ? 8 : regionSize) }
        posted = Array(repeating: 0, count: nodeCount)
        arrived = Array(repeating: 0, count: nodeCount)
    }

    package var region: Region { memory.region }

    package func mirror(of peer: Peer) -> Mirror { peer == me ? region.mirror : copies[peer.index].mirror }

    /// The memory behind a mirror of a peer, to be filled before the start.
    package func copy(of peer: Peer) -> SimulatedMemory { copies[peer.index] }

    package func push(_ range: Range<Int>, to peers: PeerSet, on strand: Int) {
        let snapshot = Snapshot(range, of: memory)
        for peer in peers where peer != me {
            posted[peer.index] += 1
            network.post(snapshot, from: me, to: peer)
        }
    }

    package func notify(_ peers: PeerSet, of bell: Int, on strand: Int, wakingWhen isNeeded: () -> Bool) {
        let wakes = network.isCoherent ? isNeeded() : true
        for peer in peers where peer != me { network.ring(bell, from: me, at: peer, waking: wakes) }
    }

    package func takeBells(_ body: (Int) -> Void) {
        for bell in bells { body(bell) }
        bells.removeAll()
    }

    package func park(until deadline: @autoclosure () -> Int64?, unless hasWork: () -> Bool) {
        isParked = true
        parkCount += 1
        guard !hasWork() else {
            isParked = false
            return
        }
        if let deadline = deadline() { wake(at: deadline) }
    }

    /// Wakes this node if it is parked.
    package func wake() {
        guard isParked else { return }
        isParked = false
        onWake()
    }

    // MARK: - What really happened

    /// How many pushes to each peer have been posted.
    package var postedCounts: [Int] { posted }

    /// How many pushes of a peer are here, whole.
    package func arrivedCount(from peer: Int) -> Int { arrived[peer] }

    // MARK: - Arrivals

    /// Some words of a push, ahead of the rest.
    func arrive(_ snapshot: Snapshot, _ masks: [UInt64], from sender: Peer) {
        snapshot.apply(masks, to: copies[sender.index])
    }

    func arrive(_ snapshot: Snapshot, from sender: Peer) {
        snapshot.apply(to: copies[sender.index])
        arrived[sender.index] += 1
    }

    func ring(_ bell: Int, waking: Bool) {
        bells.append(bell)
        if waking { wake() }
    }

    private func wake(at deadline: Int64) {
        let count = parkCount
        network.clock.schedule(at: max(deadline, network.clock.now)) { [unowned self] in
            if parkCount == count { wake() }
        }
    }
}
