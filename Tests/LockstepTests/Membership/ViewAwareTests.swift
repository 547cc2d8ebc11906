import LockstepFabric
import LockstepTesting
import Testing

@testable import Lockstep

/// Locks of members, which end with their holders.
@Replicated
distributed actor MemberLocks: ViewAware {
    enum Effect: Codable, Sendable, Hashable {
        case freed(String)
    }

    private var holders: [String: UInt64] = [:]
    private var history: [String] = []
    private var times: [Timestamp] = []
    private var expired = 0

    distributed func take(_ lock: String) -> Bool {
        guard holders[lock] == nil else { return false }
        holders[lock] = context.caller.incarnation
        history.append("\(context.caller.name) takes \(lock)")
        return true
    }

    distributed func expire() { expired += 1 }

    func viewChanged(_ view: GroupView) {
        let replicas = view.replicas.map(\.name).joined(separator: " ")
        let joined = view.joined.map { "+\($0.name)" }
        let gone = view.change.left.map { "-\($0.name)" } + view.change.failed.map { "!\($0.name)" }
        history.append("\(view.number): \(([replicas] + joined + gone).joined(separator: " "))")
        times.append(context.now)
        let incarnations = Set(view.gone.map(\.incarnation))
        for lock in holders.keys.sorted() where incarnations.contains(holders[lock, default: 0]) {
            holders[lock] = nil
            _ = try? perform(.freed(lock))
            _ = try? after(.zero).expire()
        }
    }

    @Query
    distributed func past() -> [String] { history }

    @Query
    distributed func moments() -> [Timestamp] { times }

    @Query
    distributed func expirations() -> Int { expired }
}

@Suite("Actors that hear of views", .timeLimit(.minutes(2)))
struct ViewAwareTests {
    private func locks(
        on nodes: [Node], options: GroupOptions = GroupOptions(),
        freed: @escaping @Sendable (MemberLocks.Effect, EffectID) -> Void = { _, _ in }
    ) async throws -> [MemberLocks.Handle] {
        try await hostEverywhere("locks", on: nodes, options: options, performing: { freed($0, $1) }) {
            MemberLocks(actorSystem: $0)
        }
    }

    private func expectEqualStates(_ handles: [MemberLocks.Handle]) async throws {
        var hashes: Set<UInt64> = []
        for handle in handles {
            _ = try await handle.past()
            hashes.insert(try await handle.group.status().stateHash)
        }
        #expect(hashes.count == 1)
    }

    @Test(arguments: [GroupOptions(), inLane()])
    func hearOfItBeforeAnyUpdateOfTheView(options: GroupOptions) async throws {
        let nodes = try await TestCluster(size: 3).found()
        let locks = try await locks(on: nodes, options: options)
        #expect(try await locks[2].take("runway"))
        #expect(try await locks[0].take("runway") == false)
        await nodes[2].leave()
        _ = try await nodes[0].view { $0.number == 2 }
        #expect(try await locks[0].take("runway"))
        for lock in locks.prefix(2) {
            #expect(try await lock.past() == ["c takes runway", "2: a b -c", "a takes runway"])
        }
        try await expectEqualStates(Array(locks.prefix(2)))
        await leave(nodes)
    }

    @Test func hearOfThoseWhoDied() async throws {
        let nodes = try await TestCluster(size: 3).found()
        let locks = try await locks(on: nodes)
        await nodes[1].membership.leave(isAbrupt: true)
        _ = try await nodes[0].view { $0.number == 2 }
        #expect(try await locks[2].past() == ["2: a c !b"])
        try await expectEqualStates([locks[0], locks[2]])
        await leave(nodes)
    }

    /// Whoever is new gets a state in which the others have heard of it.
    @Test func areEqualOnNewcomers() async throws {
        let cluster = TestCluster(size: 2)
        let nodes = try await cluster.found()
        var locks = try await locks(on: nodes)
        let late = try await cluster.join("late")
        // It is no replica before it hosts the group.
        #expect(try await locks[0].past() == ["2: a b"])
        locks += try await self.locks(on: [late])
        for node in nodes + [late] { _ = try await node.view { $0.number == 3 } }
        for lock in locks { #expect(try await lock.past() == ["2: a b", "3: a b late +late"]) }
        try await expectEqualStates(locks)
        await nodes[0].leave()
        _ = try await late.view { $0.number == 4 }
        #expect(try await locks[2].past().last == "4: b late -a")
        try await expectEqualStates(Array(locks.dropFirst()))
        await leave(nodes + [late])
    }

    @Test func goByATimeThatTheMembersAgreeOn() async throws {
        let nodes = try await TestCluster(size: 3).found()
        let locks = try await locks(on: nodes)
        await nodes[2].leave()
        let time = try #require(try await nodes[1].view { $0.number == 2 }.change?.time)
        #expect(time.nanoseconds > 0)
        #expect(try await nodes[0].view { $0.number == 2 }.change?.time == time)
        #expect(try await locks[0].moments() == [time])
        #expect(try await locks[1].moments() == [time])
        await leave(nodes)
    }

    @Test func mayLeaveWhatIsToBeDone() async throws {
        let nodes = try await TestCluster(size: 3).found()
        let (freed, continuation) = AsyncStream.makeStream(of: (MemberLocks.Effect, EffectID).self)
        let locks = try await locks(on: nodes) { continuation.yield(($0, $1)) }
        _ = try await locks[2].take("x")
        _ = try await locks[2].take("y")
        await nodes[2].leave()
        var done: [EffectID: MemberLocks.Effect] = [:]
        for await (effect, id) in freed {
            done[id] = effect
            if done.count == 2 { break }
        }
        #expect(Set(done.values) == [.freed("x"), .freed("y")])
        while try await locks[0].expirations() < 2 {}
        #expect(try await locks[1].expirations() == 2)
        await leave(nodes)
    }

    @Test func hearNothingAsLongAsSomeReplicaWouldNot() {
        var state = CatalogueState()
        let place = ShardPlace(lines: 1 << 16, rings: 1 << 17, ringSize: 4096)
        func view(_ number: UInt64, _ names: String) -> View {
            let members = names.enumerated().map { rank, name in
                View.Member(
                    name: String(name), rank: rank, incarnation: UInt64(name.asciiValue ?? 0), processID: 1,
                    regionSize: 1 << 20, peer: Peer(rank)
                )
            }
            let change = View.Change(
                time: Timestamp(nanoseconds: 1), joined: [], left: [], failed: [], silent: [])
            return View(number: number, members: members, rank: 0, change: change)
        }
        for member in view(1, "abc").members {
            let schema = ActorSchema(type: "Locks", methods: [], isViewAware: member.name != "c")
            _ = state.host(Registration(group: "g", schema: schema, place: place), on: member, in: view(1, "abc"))
        }
        #expect(state.part(in: "g", of: view(1, "abc"))?.change == nil)
        state.enter(view(2, "abc"))
        #expect(state.part(in: "g", of: view(2, "abc"))?.change == nil)
        state.enter(view(3, "ab"))
        #expect(state.part(in: "g", of: view(3, "ab"))?.change?.replicas.map(\.name) == ["a", "b"])
    }
}
