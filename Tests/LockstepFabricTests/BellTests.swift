import CLockstep
import Glibc
import Testing

@testable import LockstepFabric

@Suite("The bells of the fabric of shared memory", .timeLimit(.minutes(2)))
struct BellTests {
    private let pair: Pair
    private let (taker, ringer): (NodeFabric, NodeFabric)
    private let toTaker = PeerSet([Peer(0)])

    init() throws {
        pair = try Pair(name: "bells")
        (taker, ringer) = (pair.fabric(0), pair.fabric(1))
    }

    @Test("are taken in the order in which they were rung, each once")
    func order() {
        for bell in [3, 1, 1, 0, Bell.all - 1] { ring(bell) }
        #expect(taken() == [3, 1, 1, 0, Bell.all - 1])
        #expect(taken().isEmpty)
        ring(7)
        #expect(taken() == [7])
    }

    @Test("are not one's own")
    func ownBells() {
        taker.notify(PeerSet([Peer(1)]), of: 5) { true }
        #expect(taken().isEmpty)
        #expect(taken(by: ringer) == [5])
    }

    @Test("are remembered as long as there is room")
    func remembered() {
        for turn in 0..<3 {
            for bell in 0..<Bell.countMax { ring(bell) }
            #expect(taken() == Array(0..<Bell.countMax), "turn \(turn)")
        }
    }

    @Test("tell who comes too late to look at everything", arguments: [1, 2, Bell.countMax, 5 * Bell.countMax])
    func lapped(excess: Int) {
        ring(1)
        #expect(taken() == [1])
        for _ in 0..<Bell.countMax + excess { ring(2) }
        #expect(taken().contains(Bell.all))
        #expect(taken().isEmpty)
        ring(3)
        #expect(taken() == [3])
    }

    @Test("vouch for what was pushed before them, also while they are being rung")
    func concurrent() async throws {
        let pair = pair
        let last = 50_000 as UInt64
        async let ringing: Void = onThread {
            let ringer = pair.fabric(1)
            for count in 1...last {
                ringer.region.storeReleasing(count, at: pair.offset)
                ringer.notify(PeerSet([Peer(0)]), of: Int(count)) { true }
            }
        }
        let isInOrder = await onThread { Self.takeAll(below: last, by: pair.fabric(0), at: pair.offset) }
        await ringing
        #expect(isInOrder)
    }

    /// Takes bells until the last one, or one that stands for it; false if one came before what it vouches for.
    private static func takeAll(below last: UInt64, by taker: NodeFabric, at offset: Int) -> Bool {
        let mirror = taker.mirror(of: Peer(1))
        var (highest, isInOrder) = (0 as UInt64, true)
        while highest < last {
            taker.takeBells { bell in
                let seen = mirror.loadAcquiring(offset)
                if bell == Bell.all {
                    highest = max(highest, seen)
                } else {
                    isInOrder = isInOrder && bell <= seen
                    highest = max(highest, UInt64(bell))
                }
            }
        }
        return isInOrder
    }

    // MARK: - Waking

    @Test("wake who sleeps only if it is needed", arguments: [false, true])
    func wakesWhenNeeded(isNeeded: Bool) {
        let before = wakeWord
        var asked = 0
        taker.park(until: nil) {
            ringer.notify(toTaker, of: 1) {
                asked += 1
                return isNeeded
            }
            return true
        }
        #expect(asked == 1)
        #expect(wakeWord == before &+ (isNeeded ? 1 : 0))
        #expect(taken() == [1])
    }

    @Test("ask nobody whether to wake peers that are awake, or that are not meant")
    func asksOnlyForSleepers() {
        let before = wakeWord
        ringer.notify(toTaker, of: 1) {
            Issue.record("nobody sleeps")
            return true
        }
        taker.park(until: nil) {
            ringer.notify(PeerSet([Peer(2)]), of: 2) {
                Issue.record("who sleeps is not meant")
                return true
            }
            return true
        }
        #expect(wakeWord == before)
    }

    @Test("end a sleep that begins behind the last look")
    func duringLastLook() {
        taker.park(until: nil) {
            ring(4)
            return false
        }
        #expect(taken() == [4])
    }

    // MARK: - Helpers

    private func ring(_ bell: Int) { ringer.notify(toTaker, of: bell) { true } }

    private func taken() -> [Int] { taken(by: taker) }

    private func taken(by fabric: NodeFabric) -> [Int] {
        var bells: [Int] = []
        fabric.takeBells { bells.append($0) }
        return bells
    }

    /// The word of the ringer on which the taker sleeps.
    private var wakeWord: UInt32 {
        pair.regions[1].region.futexWord(FabricChannel.polling.wakeOffset(for: Peer(0))).value
    }
}

@Suite("A set of words to wait on", .timeLimit(.minutes(2)))
struct WaitSetTests {
    private let memory: SharedMemoryRegion
    private let offsets: [Int]

    init() throws {
        let memory = try SharedMemoryRegion(name: "wait-set", size: regionSize)
        self.memory = memory
        offsets = try (0..<3).map { _ in try memory.allocate(4) }
    }

    private var set: WaitSet { WaitSet(offsets.map { memory.region.mirror.watchedWord($0) }) }

    @Test("does not sleep on a word that has changed since it was looked at", arguments: 0..<3)
    func changed(place: Int) {
        var set = set
        set.expectWhatIsThere()
        memory.region.futexWord(offsets[place]).raise()
        set.wait(until: nil)
        #expect(memory.region.mirror.watchedWord(offsets[place]).value == 1)
    }

    @Test("wakes up when any of its words is raised and woken", arguments: 0..<3)
    func woken(place: Int) async {
        let (memory, offset, isAsleep) = (memory, offsets[place], Flag())
        let words = offsets.map { memory.region.mirror.watchedWord($0) }
        async let sleeping: Void = onThread {
            var set = WaitSet(words)
            while words[place].value == 0 {
                set.expectWhatIsThere()
                isAsleep.set()
                if words[place].value == 0 { set.wait(until: nil) }
            }
        }
        await onThread {
            while !isAsleep.isSet { sched_yield() }
            memory.region.futexWord(offset).raise()
            memory.region.futexWord(offset).wake()
        }
        await sleeping
    }

    @Test("wakes up at its deadline when nothing changes")
    func deadline() async {
        let words = offsets.map { memory.region.mirror.watchedWord($0) }
        let deadline = lockstep_monotonic_ns() + 1_000_000
        await onThread {
            let set = WaitSet(words)
            while lockstep_monotonic_ns() < deadline { set.wait(until: deadline) }
        }
        #expect(words.allSatisfy { $0.value == 0 })
    }
}
