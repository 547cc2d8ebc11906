import Glibc
import Lockstep
import LockstepTesting
import Testing

@testable import LockstepCoordination

/// A client of the cluster of a node.
private func connect(
    to node: Node, sessionTimeout: Duration = .seconds(30), callTimeout: Duration = .seconds(30)
) async throws -> Client {
    var configuration = ClientConfiguration(cluster: node.configuration.cluster)
    configuration.key = node.configuration.key
    configuration.sessionTimeout = sessionTimeout
    configuration.callTimeout = callTimeout
    return try await Client.connect(configuration)
}

/// Runs a test on members and clients that share by name.
private func withMembersAndClients(
    _ body: ([Coordination], [Node], [(client: Client, coordination: Coordination)]) async throws -> Void
) async throws {
    try await withCoordinations(of: 2) { members, nodes in
        var clients: [(client: Client, coordination: Coordination)] = []
        for node in nodes {
            let client = try await connect(to: node)
            clients.append((client, try await client.coordination()))
        }
        try await body(members, nodes, clients)
        for client in clients { await client.client.close() }
        try await nothingIsLeft(members)
    }
}

@Suite("What clients share with members", .timeLimit(.minutes(2)))
struct ClientTests {
    @Test func hasOneHolderAtATime() async throws {
        try await withMembersAndClients { members, _, clients in
            try await expectTurns(of: members + clients.map(\.coordination), each: 20)
        }
    }

    @Test func isFreeWhenTheClientCloses() async throws {
        try await withMembersAndClients { members, _, clients in
            let held = try await clients[0].coordination.lock("x").acquire()
            let next = Task { try await members[1].lock("x").acquire() }
            try await waiters(at: "lock/x", members[0], are: 1)
            let behind = Task { try await clients[0].coordination.lock("x").acquire() }
            try await waiters(at: "lock/x", members[0], are: 2)
            await clients[0].client.close()
            let hold = try await next.value
            #expect(hold.token > held.token)
            await #expect(throws: LockstepError.self) { try await behind.value }
            try await waiters(at: "lock/x", members[0], are: 0)
            await hold.release()
        }
    }

    @Test func isFreeWhenNobodyHasItAnyMore() async throws {
        try await withCoordinations(of: 1) { members, nodes in
            let client = try await connect(to: nodes[0])
            func acquire() async throws { _ = try await client.coordination().lock("x").acquire() }
            try await acquire()
            // The session of what was dropped has ended.
            try await members[0].lock("x").withLock { _ in }
            await client.close()
        }
    }

    @Test func bringsAllToOnePlace() async throws {
        try await withMembersAndClients { members, _, clients in
            let all = members + clients.map(\.coordination)
            let generations = Shared<Set<UInt64>>([])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for coordination in all {
                    group.addTask {
                        let barrier = try coordination.barrier("step", parties: 4)
                        let latch = try coordination.countdownLatch("through", count: 4)
                        let generation = try await barrier.wait()
                        generations.withLock { _ = $0.insert(generation) }
                        try await latch.countDown()
                        try await latch.wait()
                    }
                }
                try await group.waitForAll()
            }
            #expect(generations.withLock { $0.count } == 1)
            try await members[0].countdownLatch("through", count: 4).reset()
        }
    }

    @Test func isHandedOutToThemToo() async throws {
        try await withMembersAndClients { members, _, clients in
            let queues = clients.map { $0.coordination.queue("jobs", of: String.self) }
            let first = Task { try await queues[0].withNext { $0 } }
            try await members[0].queue("jobs", of: String.self).add("one")
            #expect(try await first.value == "one")
            try await queues[1].add("two")
            #expect(try await members[1].queue("jobs", of: String.self).withNext { $0 } == "two")
        }
    }

    @Test func isSeenByThem() async throws {
        try await withMembersAndClients { members, _, clients in
            let client = clients[0].coordination
            var leaders = client.election("office").leaders.makeAsyncIterator()
            #expect(try await leaders.next() == .some(.none))
            var messages = client.topic("news", of: String.self).messages.makeAsyncIterator()
            var watch = client.map("settings", of: Int.self).watch().makeAsyncIterator()
            guard case .all(let empty)? = try await watch.next() else { throw CoordinationError.lost("settings") }
            #expect(empty.isEmpty)

            let hold = try await members[0].election("office").campaign(as: "ann")
            let leader = try #require(try await leaders.next())
            #expect(leader?.name == "ann" && leader?.term == hold.token)
            try await members[1].topic("news", of: String.self).publish("hello")
            #expect(try await messages.next() == "hello")
            let version = try await clients[1].coordination.map("settings", of: Int.self).set(5, for: "speed")
            guard case .set("speed", let value)? = try await watch.next() else { throw CoordinationError.lost("speed") }
            #expect(value.value == 5 && value.version == version)
            await hold.release()
        }
    }

    @Test func saysWhatIsWrong() async throws {
        try await withMembersAndClients { members, _, clients in
            let hold = try await members[0].semaphore("s", permits: 2).acquire()
            let error = await #expect(throws: LockstepError.self) {
                try await clients[0].coordination.semaphore("s", permits: 3).acquire()
            }
            #expect(error?.code == .methodThrew && error?.message.contains("in use with 2") == true)
            let lock = clients[0].coordination.lock("x")
            let other = try await members[0].lock("x").acquire()
            #expect(await code { try await lock.withLock(timeout: .milliseconds(20)) { _ in } } == .timedOut)
            await other.release()
            #expect(await code { try await lock.withLock { _ in try await lock.withLock { _ in } } } == .reentrant)
            await hold.release()
        }
    }

    /// Nobody closes its session: it ends because nothing is heard any more.
    @Test func isFreeSomeTimeAfterTheClientWasKilled() async throws {
        async let end: Void = expectToBeKilled()
        let node = try await Node.join(NodeConfiguration(cluster: "holder-\(getpid())", name: "a", expecting: 1))
        let coordination = try await node.coordination()
        let holder = coordination.map("holders", of: Int32.self)
        while try await holder.get("x") == nil { try await Task.sleep(for: .milliseconds(10)) }
        let process = try #require(try await holder.get("x")?.value)
        #expect(kill(process, SIGKILL) == 0)
        try await coordination.lock("x").withLock { _ in }
        await end
        await node.leave()
    }

    private func expectToBeKilled() async {
        await #expect(processExitsWith: .signal(SIGKILL)) {
            var configuration = ClientConfiguration(cluster: "holder-\(getppid())")
            configuration.sessionTimeout = .seconds(2)
            let coordination = try await Client.connect(configuration).coordination()
            _ = try await coordination.lock("x").acquire()
            _ = try await coordination.map("holders", of: Int32.self).set(getpid(), for: "x")
            try await Task.sleep(for: .seconds(60))
        }
    }

    /// Without a word of the cluster, a client must take what it held for lost, though nobody tells it.
    @Test func isLostWithoutTheCluster() async throws {
        try await withCoordinations(of: 1) { _, nodes in
            let client = try await connect(to: nodes[0], sessionTimeout: .seconds(2), callTimeout: .seconds(1))
            let coordination = try await client.coordination()
            let (entrances, door) = AsyncStream.makeStream(of: Void.self)
            let inside = Task {
                await code {
                    try await coordination.lock("x").withLock { _ in
                        door.yield()
                        try await Task.sleep(for: .seconds(3600))
                    }
                }
            }
            // That the member counts a holder does not mean that the client has heard of it.
            for await _ in entrances.prefix(1) {}
            await nodes[0].leave()
            #expect(await inside.value == .lost)
            #expect(coordination.coordinator.group.timeOutOfTouch >= .milliseconds(1600))
            await client.close()
        }
    }

    @Test func needsMembersThatShare() async throws {
        try await withCluster(of: 1) { nodes in
            let client = try await connect(to: nodes[0], callTimeout: .seconds(1))
            let error = await #expect(throws: LockstepError.self) { try await client.coordination() }
            #expect(error?.code == .groupNotHosted)
            await client.close()
        }
    }
}
