import LockstepTesting
import Testing

@testable import Lockstep

@Suite("Waiting for a state", .timeLimit(.minutes(2)))
struct StateWaitingTests {
    private func withBeacons(
        of count: Int, options: GroupOptions = GroupOptions(), _ body: ([Beacon.Handle]) async throws -> Void
    ) async throws {
        try await withCluster(of: count) { nodes in
            try await body(try await hostEverywhere("beacon", on: nodes, options: options) { Beacon(actorSystem: $0) })
        }
    }

    @Test(arguments: [GroupOptions(), inLane()])
    func endsWithTheUpdateThatMakesItTrue(options: GroupOptions) async throws {
        try await withBeacons(of: 2, options: options) { beacons in
            async let waiting: Void = beacons[1].group.wait { $0.reached(3) }
            for level in 1...3 { _ = try await beacons[0].light(level) }
            try await waiting
            #expect(try await beacons[1].reading(.local).reached(3))
        }
    }

    @Test func looksAfterEachUpdate() async throws {
        try await withBeacons(of: 1) { beacons in
            // Both updates are delivered at once, and only between them the level is reached.
            for level in 1...200 {
                async let waiting: Int = beacons[0].group.wait { $0.brightness(above: level - 1) }
                while try beacons[0].group.channel.queue.waiters.isEmpty { await Task.yield() }
                let lit = try await beacons[0].pipeline.light(level)
                let dimmed = try await beacons[0].pipeline.dim()
                #expect(try await waiting == level)
                _ = try await lit.value
                try await dimmed.value
            }
        }
    }

    @Test(arguments: [Consistency.linearizable, .leased, .local])
    func endsAtOnceIfItIsTrue(consistency: Consistency) async throws {
        try await withBeacons(of: 1) { beacons in
            _ = try await beacons[0].light(5)
            #expect(try await beacons[0].reading(consistency).group.wait { $0.brightness(above: 4) } == 5)
            #expect(try beacons[0].group.channel.queue.waiters.isEmpty)
        }
    }

    @Test func hearsOfViews() async throws {
        let nodes = try await TestCluster(size: 2).found()
        let beacons = try await hostEverywhere("beacon", on: nodes) { Beacon(actorSystem: $0) }
        async let waiting: Void = beacons[0].group.wait { $0.audience == 1 }
        await nodes[1].membership.leave()
        try await waiting
        await leave(nodes)
    }

    @Test func waitsForTheStateOfOthersFirst() async throws {
        let cluster = TestCluster(size: 1)
        var nodes = try await cluster.found()
        let first = try await nodes[0].host("beacon") { Beacon(actorSystem: $0) }
        _ = try await first.light(7)
        nodes.append(try await cluster.join("late"))
        let late = try await nodes[1].host("beacon") { Beacon(actorSystem: $0) }
        // The level of an instance that has no state yet is 0.
        #expect(try await late.reading(.local).group.wait { $0.reached(7) ? 7 : 0 } == 7)
        await leave(nodes)
    }

    @Test func throwsWhatTheConditionThrows() async throws {
        try await withBeacons(of: 1) { beacons in
            let waiting = Task { try await beacons[0].group.wait { try $0.checked(2) } }
            _ = try await beacons[0].light(2)
            await #expect(throws: Beacon.Broken.self) { try await waiting.value }
        }
    }

    @Test func hasADeadline() async throws {
        try await withBeacons(of: 1) { beacons in
            let failure = await code {
                try await beacons[0].group.wait(timeout: .milliseconds(20)) { $0.reached(1) }
            }
            #expect(failure == .timedOut)
            #expect((try? beacons[0].group.channel.queue.waiters.isEmpty) == true)
        }
    }

    @Test func canBeCancelled() async throws {
        try await withBeacons(of: 1) { beacons in
            let waiters = try beacons[0].group.channel.queue.waiters
            let task = Task { try await beacons[0].group.wait { $0.reached(1) } }
            while waiters.isEmpty { await Task.yield() }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(waiters.isEmpty)
        }
    }

    @Test func endsWhenTheNodeLeaves() async throws {
        try await withCluster(of: 1) { nodes in
            let beacon = try await nodes[0].host("beacon") { Beacon(actorSystem: $0) }
            let waiting = Task { await code { try await beacon.group.wait { $0.reached(1) } } }
            while try beacon.group.channel.queue.waiters.isEmpty { await Task.yield() }
            await nodes[0].leave()
            #expect(await waiting.value == .notMember)
            #expect(await code { try await beacon.group.wait { $0.reached(1) } } == .notMember)
        }
    }
}
