import CLockstep
import Foundation
import Testing

@testable import LockstepFabric

/// Processes that are killed and stopped are in the tests of the mesh, where they can be met.
@Suite("Life", .timeLimit(.minutes(2)))
struct LifeTests {
    private func life(of node: Int, in pair: Pair) -> Life { pair.memories[node].life(seenBy: Peer(1 - node)) }

    @Test("has not started before somebody holds it, and has left when it is let go")
    func leaving() async throws {
        let pair = try Pair(name: "leaving")
        #expect(life(of: 0, in: pair) == .notStarted)
        try await onThread {
            Result {
                let hold = try LifeHold(pair.regions[0])
                #expect(life(of: 0, in: pair) == .alive)
                #expect(life(of: 1, in: pair) == .notStarted)
                _ = consume hold
            }
        }.get()
        #expect(life(of: 0, in: pair) == .left)
    }

    @Test("ends with its thread, which wakes every peer's thread for the membership")
    func death() async throws {
        let three = try (0..<3).map { try SharedMemoryRegion(name: "death-\($0)", size: regionSize) }
        let mirror = try SharedMemoryMirror(descriptor: three[0].descriptor, size: regionSize)
        let mayEnd = Flag()
        let holder = Thread {
            guard lockstep_life_begin(three[0].life) == 0 else { return }
            while !mayEnd.isSet { sched_yield() }
        }
        holder.start()
        while mirror.life(seenBy: Peer(1)) != .alive { sched_yield() }
        async let first: Life = onThread { sleeps(three[1], me: Peer(1), until: mirror) }
        async let second: Life = onThread { sleeps(three[2], me: Peer(2), until: mirror) }
        for region in three[1...] { await onThread { awaitParked(region) } }
        mayEnd.set()
        #expect(await [first, second] == [.died, .died])
    }

    @Test("is starved while it could go on and is silent, and not while it waits for something")
    func starving() async throws {
        let pair = try Pair(name: "starving")
        let mayRest = Flag()
        let mayEnd = DispatchSemaphore(value: 0)
        Thread {
            guard lockstep_life_begin(pair.regions[0].life) == 0 else { return }
            while !mayRest.isSet {}
            mayEnd.wait()
        }.start()
        await onThread {
            let fabric = pair.fabric(1, .membership)
            while fabric.life(of: Peer(0)) != .alive { sched_yield() }
            #expect(fabric.isStarved(Peer(0)))
            mayRest.set()
            while fabric.isStarved(Peer(0)) { sched_yield() }
            mayEnd.signal()
            while fabric.life(of: Peer(0)) != .died { sched_yield() }
            #expect(!fabric.isStarved(Peer(0)))
        }
    }

    @Test("is starved while the kernel holds it up")
    func heldUp() async throws {
        let pair = try Pair(name: "held-up")
        let mirror = try #require(pair.memories[0] as? SharedMemoryMirror)
        let gate = FileManager.default.temporaryDirectory.appending(path: "lockstep-gate-\(UUID())").path
        try #require(mkfifo(gate, 0o600) == 0)
        defer { unlink(gate) }
        Thread {
            guard lockstep_life_begin(pair.regions[0].life) == 0 else { return }
            // The child has this thread's memory until it runs its program, and first waits at the gate.
            var actions = posix_spawn_file_actions_t()
            posix_spawn_file_actions_init(&actions)
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, gate, O_RDONLY, 0)
            defer { posix_spawn_file_actions_destroy(&actions) }
            var child: pid_t = 0
            guard posix_spawn(&child, "/bin/true", &actions, nil, [nil], nil) == 0 else { return }
            waitpid(child, nil, 0)
        }.start()
        await onThread {
            let fabric = pair.fabric(1, .membership)
            let holder = { lockstep_life_holder(mirror.lifeWord(for: Peer(1))) }
            while lockstep_thread_state(holder()) != Int32(UInt8(ascii: "D")) { sched_yield() }
            #expect(fabric.isStarved(Peer(0)))
            let opened = open(gate, O_WRONLY)
            defer { close(opened) }
            while fabric.life(of: Peer(0)) != .died { sched_yield() }
            #expect(!fabric.isStarved(Peer(0)))
        }
    }

    @Test("is not starved as far as is known where numbers of threads mean something else")
    func foreignNumbers() async throws {
        let pair = try Pair(name: "numbers")
        await onThread {
            #expect(lockstep_life_begin(pair.regions[0].life) == 0)
            let fabric = pair.fabric(1, .membership)
            #expect(fabric.isStarved(Peer(0)))
            pair.regions[0].region.store(1, at: SharedMemoryLayout.namespaceOffset)
            #expect(!fabric.isStarved(Peer(0)))
            pair.regions[0].region.store(0, at: SharedMemoryLayout.namespaceOffset)
            #expect(!fabric.isStarved(Peer(0)))
        }
    }

    @Test("begins again where the former has left or died")
    func again() async throws {
        let pair = try Pair(name: "again")
        for _ in 0..<3 {
            await onThread { #expect(lockstep_life_begin(pair.regions[0].life) == 0) }
            while life(of: 0, in: pair) != .died { sched_yield() }
            await onThread { #expect((try? LifeHold(pair.regions[0])) != nil) }
            #expect(life(of: 0, in: pair) == .left)
        }
    }

    @Test("cannot be ended by another thread")
    func foreignEnd() async throws {
        let region = try SharedMemoryRegion(name: "foreign", size: regionSize)
        await onThread { #expect(lockstep_life_begin(region.life) == 0) }
        await onThread { #expect(lockstep_life_end(region.life) == -EPERM) }
    }
}

private func awaitParked(_ region: SharedMemoryRegion) {
    while region.region.futexWord(FabricChannel.membership.parkedOffset).value == 0 { sched_yield() }
}

/// Sleeps without a deadline until the node behind a mirror does not live any more.
private func sleeps(_ own: SharedMemoryRegion, me: Peer, until mirror: SharedMemoryMirror) -> Life {
    let fabric = NodeFabric(own: own, me: me, memories: [Peer(0): mirror], channel: .membership)
    while fabric.life(of: Peer(0)) == .alive {
        fabric.park(until: nil) { fabric.life(of: Peer(0)) != .alive }
    }
    return fabric.life(of: Peer(0))
}
