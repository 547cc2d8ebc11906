import LockstepFabric
import LockstepTesting
import Testing

@Suite("The simulated fabric")
struct SimulatedFabricTests {
    private let clock = VirtualClock()

    @Test("makes a push visible later, with the bytes it had when it was posted")
    func pushIsASnapshot() {
        let fabrics = connected()
        fabrics[0].region.store(1, at: 0)
        fabrics[0].push(0..<8, to: PeerSet([Peer(1)]))
        fabrics[0].region.store(2, at: 0)
        #expect(word(0, of: 0, at: fabrics[1]) == 0)
        runToRest()
        #expect(word(0, of: 0, at: fabrics[1]) == 1)
        #expect(fabrics[1].arrivedCount(from: 0) == 1)
    }

    @Test("keeps the order of pushes, not of their words", arguments: 1...50 as ClosedRange<UInt64>)
    func pushesStayInOrder(seed: UInt64) {
        let fabrics = connected(seed: seed)
        for count in 1...5 as ClosedRange<UInt64> {
            for offset in stride(from: 0, to: 512, by: 8) { fabrics[0].region.store(count, at: offset) }
            fabrics[0].push(8..<512, to: PeerSet([Peer(1)]))
            fabrics[0].push(0..<8, to: PeerSet([Peer(1)]))
        }
        while clock.runNext() {
            let vouched = word(0, of: 0, at: fabrics[1])
            for offset in stride(from: 8, to: 512, by: 8) {
                #expect(word(offset, of: 0, at: fabrics[1]) >= vouched)
            }
        }
        #expect(word(504, of: 0, at: fabrics[1]) == 5)
    }

    @Test("wakes who is parked by a bell alone")
    func wakesTheParked() {
        let fabrics = connected()
        var wakeCount = 0
        fabrics[1].onWake = { wakeCount += 1 }
        fabrics[1].park(until: nil) { false }
        fabrics[0].push(0..<8, to: PeerSet([Peer(1)]))
        runToRest()
        #expect(wakeCount == 0 && fabrics[1].isParked)
        fabrics[0].notify(PeerSet([Peer(1)]), of: 3) { true }
        runToRest()
        #expect(wakeCount == 1 && !fabrics[1].isParked)
        #expect(takenBells(at: fabrics[1]) == [3])
        #expect(takenBells(at: fabrics[1]).isEmpty)
    }

    @Test("wakes all the same if nobody needs it, where pushes are late", arguments: [false, true])
    func needlessWake(isCoherent: Bool) {
        let fabrics = connected(isCoherent: isCoherent)
        fabrics[1].park(until: nil) { false }
        fabrics[0].notify(PeerSet([Peer(1)]), of: 1) { false }
        runToRest()
        #expect(fabrics[1].isParked == isCoherent)
        #expect(takenBells(at: fabrics[1]) == [1])
    }

    @Test("rings a bell behind what was pushed before", arguments: 1...50 as ClosedRange<UInt64>)
    func bellsComeBehindPushes(seed: UInt64) {
        let fabrics = connected(seed: seed)
        for count in 1...5 {
            fabrics[0].region.store(UInt64(count), at: 0)
            fabrics[0].push(0..<8, to: PeerSet([Peer(1)]))
            fabrics[0].notify(PeerSet([Peer(1)]), of: count) { true }
        }
        var taken: [Int] = []
        while clock.runNext() {
            taken += takenBells(at: fabrics[1])
            #expect(word(0, of: 0, at: fabrics[1]) >= taken.last ?? 0)
        }
        #expect(taken == [1, 2, 3, 4, 5])
    }

    @Test("makes a push visible at once on a coherent network, whatever the links do")
    func coherentPush() {
        let fabrics = connected(isCoherent: true)
        fabrics[0].region.store(1, at: 504)
        fabrics[0].push(0..<512, to: PeerSet([Peer(1)]))
        #expect(word(504, of: 0, at: fabrics[1]) == 1)
        #expect(fabrics[1].arrivedCount(from: 0) == 1)
    }

    @Test("does not park who finds work at the last look")
    func lastLook() {
        let fabrics = connected()
        fabrics[1].park(until: nil) { true }
        #expect(!fabrics[1].isParked)
    }

    @Test("wakes who is parked at its deadline, and not for an earlier one")
    func deadline() {
        let fabrics = connected()
        fabrics[0].park(until: 100) { false }
        fabrics[0].wake()
        fabrics[0].park(until: 300) { false }
        while fabrics[0].isParked, clock.runNext() {}
        #expect(clock.now == 300)
    }

    private func connected(seed: UInt64 = 1, isCoherent: Bool = false) -> [SimulatedFabric] {
        var delays = SimulatedNetwork.Delays()
        (delays.most, delays.tearOneIn, delays.spikeOneIn) = (50, 1, 3)
        let random = SharedRandom(SeededRandom(seed: seed))
        let network = SimulatedNetwork(
            nodeCount: 2, clock: clock, random: random, delays: delays, isCoherent: isCoherent
        )
        let fabrics = (0..<2).map { SimulatedFabric(me: $0, nodeCount: 2, regionSize: 512, network: network) }
        network.connect(fabrics)
        return fabrics
    }

    private func word(_ offset: Int, of peer: Int, at fabric: SimulatedFabric) -> UInt64 {
        fabric.mirror(of: Peer(peer)).loadAcquiring(offset)
    }

    private func takenBells(at fabric: SimulatedFabric) -> [Int] {
        var bells: [Int] = []
        fabric.takeBells { bells.append($0) }
        return bells
    }

    private func runToRest() {
        while clock.runNext() {}
    }
}
