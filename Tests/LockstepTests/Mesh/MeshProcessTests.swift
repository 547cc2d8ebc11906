import CLockstep
import Crypto
import Glibc
import LockstepFabric
import Synchronization
import Testing

@testable import Lockstep

extension ProcessTests {
    @Suite("Mesh: processes")
    struct MeshProcessTests {
        @Test func aStoppedProcessLivesAndAKilledOneIsSeenAtOnce() async throws {
            let parent = try await Parent(in: "killed-\(getpid())")
            async let end: Void = expectKilled()
            let child = try await parent.child()
            #expect(kill(child.process, SIGSTOP) == 0)
            await parent.sleep(until: lockstep_monotonic_ns() + 50_000_000)
            #expect(parent.life == .alive)
            #expect(kill(child.process, SIGKILL) == 0)
            await parent.sleep(until: nil)
            #expect(parent.life == .died)
            try await parent.journal.until { $0.gone == [child.id: .died] }
            await end
        }

        private func expectKilled() async {
            await #expect(processExitsWith: .signal(SIGKILL)) { try await live(in: "killed-\(getppid())") }
        }

        @Test func aProcessThatIsToldToEndHasLeft() async throws {
            let parent = try await Parent(in: "told-\(getpid())")
            async let end: Void = expectLeft()
            let child = try await parent.child()
            parent.member.mesh.send(1, [], to: child.id)
            await parent.sleep(until: nil)
            #expect(parent.life == .left)
            try await parent.journal.until { $0.gone == [child.id: .left] }
            await end
        }

        private func expectLeft() async {
            await #expect(processExitsWith: .success) { try await live(in: "told-\(getppid())") }
        }

        @Test func theClusterOutlivesTheProcessThatGatheredIt() async throws {
            async let end: Void = expectKilledRegistrar()
            // Gathered by the child, whose address this waits for.
            let cluster = "registrar-\(getpid())"
            _ = try await RawPeer(to: cluster)
            let second = RendezvousNode("b", in: cluster, expecting: 2)
            let view = try await second.join()
            guard let registrar = view.members.first(where: { $0.process != getpid() }) else {
                throw RendezvousError.rejected("the child is not in the view")
            }
            #expect(kill(registrar.process, SIGKILL) == 0)
            let late = try await RendezvousNode("c", in: cluster, expecting: 2).join()
            #expect(late.outcome == .candidate(view: 1, members: view.members))
            await end
        }

        private func expectKilledRegistrar() async {
            await #expect(processExitsWith: .signal(SIGKILL)) { try await live(in: "registrar-\(getppid())", of: 2) }
        }
    }
}

/// The life of a child: it joins, and stays until it is told something, or killed.
private func live(in cluster: String, of expected: Int = 1) async throws {
    let region = SharedMemoryRegion.fresh()
    let isTold = Mutex(false)
    let request = RendezvousRequest(
        cluster: cluster, name: "child", expected: expected, incarnation: .random(in: 1 ... .max),
        region: region, deadline: .max, key: .test, logger: LogLines().logger)
    let isHeld = Mutex(false)
    let holder = try BlockingThread(name: "life") {
        guard let hold = try? LifeHold(region) else { return }
        isHeld.withLock { $0 = true }
        while !isTold.withLock({ $0 }) { usleep(1000) }
        _ = consume hold
    }
    while !isHeld.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(1)) }
    let joined = try await Rendezvous.join(
        request,
        handler: { event in
            if case .message = event { isTold.withLock { $0 = true } }
        },
        waiting: { _ in })
    while !isTold.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(1)) }
    holder.finish()
    joined.leave()
}

/// The founder of a cluster that a child comes to as a candidate.
private final class Parent: Sendable {
    let member: Rendezvous
    let journal = RendezvousJournal()
    private let region = SharedMemoryRegion.fresh()
    private let met = Met()

    private final class Met: Sendable {
        let child = Mutex<(MeshNode, any PeerMemory)?>(nil)
    }

    init(in cluster: String) async throws {
        let request = RendezvousRequest(
            cluster: cluster, name: "parent", expected: 1, incarnation: 1, region: region, deadline: .max, key: .test,
            logger: LogLines().logger)
        member = try await Rendezvous.join(
            request,
            handler: { [met, journal] event in
                journal.note(event)
                if case .connected(let node, let mirror, _) = event { met.child.withLock { $0 = (node, mirror) } }
            },
            waiting: { _ in })
    }

    func child() async throws -> MeshNode {
        try await journal.until { !$0.connected.isEmpty }
        return met.child.withLock { $0!.0 }
    }

    var life: Life { met.child.withLock { $0!.1 }.life(seenBy: Peer(0)) }

    /// Parks, as a membership's thread does, until the child does not live any more, or a deadline.
    func sleep(until deadline: Int64?) async {
        let mirror = met.child.withLock { $0!.1 }
        let region = region
        await withCheckedContinuation { continuation in
            let thread = try? BlockingThread(name: "watcher") {
                let fabric = NodeFabric(
                    own: region, me: Peer(0), memories: [Peer(1): mirror], channel: .membership)
                while fabric.life(of: Peer(1)) == .alive, deadline.map({ lockstep_monotonic_ns() < $0 }) ?? true {
                    fabric.park(until: deadline) { fabric.life(of: Peer(1)) != .alive }
                }
                continuation.resume()
            }
            precondition(thread != nil, "a thread must start")
        }
    }
}
