import CLockstep
import Testing

@testable import LockstepFabric

/// A lost wake-up shows as a test that never ends; the limit ends it.
@Suite("The fabric of shared memory", .timeLimit(.minutes(2)))
struct NodeFabricTests {
    @Test("reads its own region as its own mirror")
    func ownMirror() throws {
        let pair = try Pair(name: "own")
        let fabric = pair.fabric(0)
        fabric.region.store(5, at: pair.offset)
        #expect(fabric.mirror(of: Peer(0)).loadAcquiring(pair.offset) == 5)
        #expect(fabric.mirror(of: Peer(1)).loadAcquiring(pair.offset) == 0)
    }

    @Test("wakes a parked peer with a bell")
    func bellWakes() async throws {
        let pair = try Pair(name: "push")
        async let sleeper: Void = onThread { pair.await(1, on: pair.fabric(0), of: 0) }
        await onThread {
            pair.awaitParked(0)
            pair.raise(to: 1, on: pair.fabric(1), of: 1)
        }
        await sleeper
    }

    @Test("wakes a parked poller from another thread of its own process")
    func wakerWakes() async throws {
        let pair = try Pair(name: "waker")
        let hasWork = Flag()
        let waker = pair.regions[0].waker()
        async let sleeper: Void = onThread {
            let fabric = pair.fabric(0)
            while !hasWork.isSet { fabric.park(until: nil) { hasWork.isSet } }
        }
        await onThread {
            pair.awaitParked(0)
            hasWork.set()
            waker.wake()
        }
        await sleeper
    }

    @Test("does not sleep when there is work, and asks when everybody can see that it is about to sleep")
    func lastLook() throws {
        let pair = try Pair(name: "look")
        let parked = pair.regions[0].region.futexWord(FabricChannel.polling.parkedOffset)
        var wasParked = false
        pair.fabric(0).park(until: nil) {
            wasParked = parked.value == 1
            return true
        }
        #expect(wasParked)
        #expect(parked.value == 0)
    }

    @Test("wakes up at a deadline, also at one that has passed", arguments: [-1_000_000_000, 0, 2_000_000])
    func deadline(delay: Int64) async throws {
        let pair = try Pair(name: "deadline")
        let deadline = lockstep_monotonic_ns() + delay
        await onThread { pair.fabric(0).park(until: deadline) { false } }
        #expect(lockstep_monotonic_ns() >= deadline)
    }

    @Test("does not sleep through a push that comes during the last look")
    func pushDuringLastLook() throws {
        let pair = try Pair(name: "race")
        let (sleeper, pusher) = (pair.fabric(0), pair.fabric(1))
        sleeper.park(until: nil) {
            pair.raise(to: 1, on: pusher, of: 1)
            return false
        }
        #expect(sleeper.mirror(of: Peer(1)).loadAcquiring(pair.offset) == 1)
    }

    @Test("loses none of 20,000 wake-ups each way")
    func pingPong() async throws {
        let pair = try Pair(name: "ping-pong")
        let rounds = 1...20_000 as ClosedRange<UInt64>
        async let answering: Void = onThread {
            let fabric = pair.fabric(1)
            for round in rounds {
                pair.await(round, on: fabric, of: 1)
                pair.raise(to: round, on: fabric, of: 1)
            }
        }
        await onThread {
            let fabric = pair.fabric(0)
            for round in rounds {
                pair.raise(to: round, on: fabric, of: 0)
                pair.await(round, on: fabric, of: 0)
            }
        }
        await answering
        #expect(pair.memories.allSatisfy { $0.mirror.loadAcquiring(pair.offset) == rounds.upperBound })
    }

    @Test("runs on this kernel")
    func kernel() throws { try NodeFabric.checkKernel() }
}

@Suite("A set of peers")
struct PeerSetTests {
    @Test("holds what was put in, in order, up to the last peer there can be")
    func members() {
        var set = PeerSet([Peer(63), Peer(0), Peer(7)])
        set.insert(Peer(8))
        set.insert(Peer(7))
        #expect(set.map(\.index) == [0, 7, 8, 63])
        #expect(set.contains(Peer(63)) && !set.contains(Peer(62)))
        #expect(Array(PeerSet()).isEmpty)
    }
}
