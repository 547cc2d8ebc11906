import Testing

@testable import LockstepFabric

@Suite("Links of the fabric", .timeLimit(.minutes(2)))
struct FabricLinkTests {
    @Test("are added while the fabric runs, and a later node may have the place of an earlier one")
    func reuse() throws {
        let pair = try Pair(name: "links")
        let fabric = NodeFabric(own: pair.regions[0], me: Peer(0))
        let other = pair.fabric(1)
        pair.raise(to: 1, on: other, of: 1)
        fabric.connect(Peer(1), pair.memories[1])
        #expect(bells(of: fabric) == [0])
        let former = fabric.disconnect(Peer(1))
        #expect(former === pair.memories[1])
        let next = try Pair(name: "next")
        let later = next.fabric(1)
        for value in 1...2 as ClosedRange<UInt64> { next.raise(to: value, on: later, of: 1) }
        fabric.connect(Peer(1), next.memories[1])
        #expect(fabric.mirror(of: Peer(1)).loadAcquiring(next.offset) == 2)
        #expect(bells(of: fabric) == [0, 0])
    }

    @Test("keep the places of those who stay")
    func places() throws {
        let pairs = try (0..<3).map { try Pair(name: "places-\($0)") }
        let mirrors = Dictionary(uniqueKeysWithValues: pairs.enumerated().map { (Peer($0 + 1), $1.memories[1]) })
        let fabric = NodeFabric(own: pairs[0].regions[0], me: Peer(0), memories: mirrors)
        for (index, pair) in pairs.enumerated() { pair.regions[1].region.store(UInt64(index), at: pair.offset) }
        _ = fabric.disconnect(Peer(2))
        #expect(fabric.mirror(of: Peer(1)).loadAcquiring(pairs[0].offset) == 0)
        #expect(fabric.mirror(of: Peer(3)).loadAcquiring(pairs[0].offset) == 2)
        fabric.connect(Peer(2), pairs[1].memories[1])
        #expect(fabric.mirror(of: Peer(2)).loadAcquiring(pairs[0].offset) == 1)
    }

    @Test("wake only the thread of their own channel")
    func channels() async throws {
        let pair = try Pair(name: "channels")
        let poller = pair.fabric(0)
        async let woken: Void = onThread { pair.await(1, on: pair.fabric(0, .membership), of: 0) }
        await onThread { pair.awaitParked(0, .membership) }
        let pollerWord = pair.regions[1].region.futexWord(FabricChannel.polling.wakeOffset(for: Peer(0)))
        await onThread { pair.raise(to: 1, on: pair.fabric(1, .membership), of: 1) }
        await woken
        #expect(pollerWord.value == 0)
        #expect(bells(of: poller).isEmpty)
    }

    @Test("ring no bell for more of the same, which the peer goes on looking for")
    func standingBells() throws {
        let pair = try Pair(name: "standing", .copied)
        let (pusher, looker) = (pair.fabric(0), pair.fabric(1))
        func push(_ bell: Int) {
            pusher.push(pair.offset..<pair.offset + 8, to: PeerSet([Peer(1)]))
            pusher.notify(PeerSet([Peer(1)]), of: bell) { true }
        }
        push(3)
        #expect(bells(of: looker) == [3] && looker.standingBells == [3])
        push(3)
        #expect(bells(of: looker).isEmpty && looker.standingBells == [3])
        push(4)
        push(3)
        #expect(bells(of: looker) == [3, 4, 3] && looker.standingBells == [3])
        // What was pushed without a bell just before another rings is looked at as well.
        push(3)
        push(4)
        #expect(bells(of: looker) == [3, 4] && looker.standingBells == [4])
        // Nobody goes on looking at everything.
        for _ in 0..<2 { push(Bell.all) }
        #expect(bells(of: looker) == [4, Bell.all, Bell.all] && looker.standingBells.isEmpty)
        for _ in 0..<20 { for bell in [5, 6] { push(bell) } }
        #expect(bells(of: looker).contains(Bell.all) && looker.standingBells == [6])
        _ = looker.disconnect(Peer(0))
        #expect(looker.standingBells.isEmpty)
    }

    private func bells(of fabric: NodeFabric) -> [Int] {
        var bells: [Int] = []
        fabric.takeBells { bells.append($0) }
        return bells
    }
}
