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
        fabrics[0].push(0..<8, to: PeerSet([Peer(1)]), waking: false)
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
            fabrics[0].push(8..<512, to: PeerSet([Peer(1)]), waking: false)
            fabrics[0].push(0..<8, to: PeerSet([Peer(1)]), waking: true)
        }
        while clock.runNext() {
            let vouched = word(0, of: 0, at: fabrics[1])
            for offset in stride(from: 8, to: 512, by: 8) {
                #expect(word(offset, of: 0, at: fabrics[1]) >= vouched)
            }
        }
        #expect(word(504, of: 0, at: fabrics[1]) == 5)
    }

    @Test("wakes who is parked by a waking push alone")
    func wakesTheParked() {
        let fabrics = connected()
        var wakeCount = 0
        fabrics[1].onWake = { wakeCount += 1 }
        fabrics[1].park(until: nil) { false }
        fabrics[0].push(0..<8, to: PeerSet([Peer(1)]), waking: false)
        runToRest()
        #expect(wakeCount == 0 && fabrics[1].isParked)
        fabrics[0].push(0..<8, to: PeerSet([Peer(1)]), waking: true)
        runToRest()
        #expect(wakeCount == 1 && !fabrics[1].isParked)
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

    private func connected(seed: UInt64 = 1) -> [SimulatedFabric] {
        var delays = SimulatedNetwork.Delays()
        (delays.most, delays.tearOneIn, delays.spikeOneIn) = (50, 1, 3)
        let random = SharedRandom(SeededRandom(seed: seed))
        let network = SimulatedNetwork(nodeCount: 2, clock: clock, random: random, delays: delays)
        let fabrics = (0..<2).map { SimulatedFabric(me: $0, nodeCount: 2, regionSize: 512, network: network) }
        network.connect(fabrics)
        return fabrics
    }

    private func word(_ offset: Int, of peer: Int, at fabric: SimulatedFabric) -> UInt64 {
        fabric.mirror(of: Peer(peer)).loadAcquiring(offset)
    }

    private func runToRest() {
        while clock.runNext() {}
    }
}
