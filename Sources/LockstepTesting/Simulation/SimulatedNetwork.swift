import LockstepFabric

/// The links between simulated fabrics: what is pushed arrives later, in order on each link.
package final class SimulatedNetwork {
    package let clock: VirtualClock
    package let random: SharedRandom
    /// How late pushes arrive.
    package var delays: Delays
    /// If nobody is woken any more, to see that a lost wake-up is noticed.
    package var losesWakes = false
    /// True if a push is visible to everybody at once, as in shared memory.
    package let isCoherent: Bool
    private var fabrics: [SimulatedFabric] = []
    /// When the last push arrives, by sender and receiver.
    private var lastArrivals: [[Int64]]

    /// How long pushes take, in nanoseconds, and how they come to pieces on the way.
    package struct Delays: Sendable {
        package var least = 1
        package var most = 10
        /// One in so many takes up to a hundred times as long; 0 for none.
        package var spikeOneIn = 0
        /// One in so many arrives in pieces; 0 for none.
        package var tearOneIn = 0
        /// Links from these nodes take ten times as long.
        package var slowSenders: Set<Int> = []

        package init() {}
    }

    package init(nodeCount: Int, clock: VirtualClock, random: SharedRandom, delays: Delays, isCoherent: Bool = false) {
        self.isCoherent = isCoherent
        self.clock = clock
        self.random = random
        self.delays = delays
        lastArrivals = Array(repeating: Array(repeating: 0, count: nodeCount), count: nodeCount)
    }

    package func connect(_ fabrics: [SimulatedFabric]) { self.fabrics = fabrics }

    package func disconnect() { fabrics = [] }

    /// Sends a push on its way.
    func post(_ snapshot: Snapshot, from sender: Peer, to receiver: Peer) {
        let target = fabrics[receiver.index]
        guard !isCoherent else { return target.arrive(snapshot, from: sender) }
        var time = max(clock.now + delays.draw(from: sender.index, random), lastArrivals[sender.index][receiver.index])
        for masks in delays.tear(snapshot, random) {
            clock.schedule(at: time) { target.arrive(snapshot, masks, from: sender) }
            time += Int64(random.pick(0...delays.most))
        }
        clock.schedule(at: time) { target.arrive(snapshot, from: sender) }
        lastArrivals[sender.index][receiver.index] = time
    }

    /// Rings a bell behind everything that was pushed before.
    func ring(_ bell: Int, from sender: Peer, at receiver: Peer, waking: Bool) {
        let target = fabrics[receiver.index]
        let wakes = waking && !losesWakes
        guard !isCoherent else { return target.ring(bell, waking: wakes) }
        let time = max(clock.now, lastArrivals[sender.index][receiver.index])
        clock.schedule(at: time) { target.ring(bell, waking: wakes) }
    }
}

extension SimulatedNetwork.Delays {
    /// How long a push of a sender takes.
    func draw(from sender: Int, _ random: SharedRandom) -> Int64 {
        let usual = random.pick(least...most)
        let slow = slowSenders.contains(sender) ? 10 : 1
        guard spikeOneIn > 0, random.oneIn(spikeOneIn) else { return Int64(usual * slow) }
        return Int64(usual * slow * random.pick(2...100))
    }

    /// The words that arrive ahead of the rest, in up to three steps, thin or dense.
    func tear(_ snapshot: Snapshot, _ random: SharedRandom) -> [[UInt64]] {
        guard snapshot.wordCount > 1, tearOneIn > 0, random.oneIn(tearOneIn) else { return [] }
        return (0..<random.pick(1...3)).map { _ in
            let isThin = random.oneIn(2)
            return (0...snapshot.wordCount / 64).map { _ in
                isThin ? random.next() & random.next() : random.next() | random.next()
            }
        }
    }
}

/// The generator of a run, drawn from by everything in it.
package final class SharedRandom {
    private var generator: SeededRandom

    package init(_ generator: SeededRandom) { self.generator = generator }

    package func next() -> UInt64 { generator.next() }
    package func pick(_ range: ClosedRange<Int>) -> Int { generator.pick(range) }
    package func oneIn(_ count: Int) -> Bool { generator.oneIn(count) }
}
