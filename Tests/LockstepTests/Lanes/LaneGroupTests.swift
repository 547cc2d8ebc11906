import LockstepTesting
import Synchronization
import Testing

@testable import Lockstep

@Suite("A group in a lane", .timeLimit(.minutes(1)))
struct LaneGroupTests {
    @Test func doesWhatOneOnThePollerDoes() async throws {
        try await withCluster(of: 3) { nodes in
            let options = inLane { $0.auditInterval = 16 }
            let ledgers = try await hostEverywhere("ledger", on: nodes, options: options) { Ledger(actorSystem: $0) }
            try await load(ledgers, callers: 4, calls: 50)
            let lines = try await ledgers[0].lines()
            #expect(lines.count == 600 && Set(lines).count == 600)
            for ledger in ledgers { #expect(try await ledger.lines() == lines) }
            try await expectEqualCopies(ledgers)
            await #expect(throws: Overdrawn(account: "x", missing: 5)) {
                try await ledgers[1].withdraw(5, from: "x")
            }
            for ledger in ledgers { #expect(try await ledger.group.status().divergence == nil) }
        }
    }

    @Test func mayBeOneOnOneMemberOnly() async throws {
        try await withCluster(of: 2) { nodes in
            let inline = try await nodes[0].host("slow") { Slow(actorSystem: $0) }
            let lane = try await nodes[1].host("slow", options: inLane()) { Slow(actorSystem: $0) }
            for number in 0..<20 { _ = try await (number % 2 == 0 ? inline : lane).append(number) }
            #expect(try await lane.numbers() == Array(0..<20))
            #expect(try await inline.numbers() == Array(0..<20))
        }
    }

    @Test func isMadeAnewFromSnapshots() async throws {
        try await withCluster(of: 2) { nodes in
            let options = inLane { $0.restoresOneIn = 3 }
            let slow = try await hostEverywhere("slow", on: nodes, options: options) { Slow(actorSystem: $0) }
            for number in 0..<50 { #expect(try await slow[number % 2].append(number) == UInt64(number + 1)) }
            for handle in slow {
                #expect(try await handle.numbers() == Array(0..<50))
                #expect(try await handle.group.restoringFailure() == nil)
            }
        }
    }

    @Test func leavesTheOtherGroupsOfTheNodeAlone() async throws {
        try await withCluster(of: 2) { nodes in
            let latch = Latch.named(#function)
            let slow = try await hostEverywhere("slow", on: nodes, options: inLane()) { Slow(actorSystem: $0) }
            let other = try await hostEverywhere("other", on: nodes, options: inLane()) { Slow(actorSystem: $0) }
            let quick = try await hostEverywhere("quick", on: nodes) { Slow(actorSystem: $0) }
            async let passed = slow[0].pass(#function)
            await latch.waitForArrivals(2)
            for number in 0..<10 {
                _ = try await other[1].append(number)
                _ = try await quick[0].append(number)
            }
            #expect(try await quick[1].numbers().count == 10)
            latch.open()
            #expect(try await passed == 1)
        }
    }

    @Test func losesNothingWhenItsBacklogIsFull() async throws {
        try await withCluster(of: 2) { nodes in
            let latch = Latch.named(#function)
            let options = inLane {
                $0.backlogBytes = 500
                $0.ringBytes = 4096
            }
            let slow = try await hostEverywhere("slow", on: nodes, options: options) { Slow(actorSystem: $0) }
            let first = try await slow[0].pipeline.pass(#function)
            await latch.waitForArrivals(2)
            // More than the rings and the backlogs hold: some wait for room.
            let begun = Counter()
            let sending = Task {
                var calls: [Call<UInt64>] = []
                for number in 1...1000 {
                    calls.append(try await slow[0].pipeline.append(number))
                    begun.count.wrappingAdd(1, ordering: .relaxed)
                }
                return calls
            }
            // The backlog has room for six.
            while begun.count.load(ordering: .relaxed) < 30 { await Task.yield() }
            latch.open()
            #expect(try await slow[1].group.outcome(of: try #require(first.id)) == .executed)
            for (index, call) in try await sending.value.enumerated() {
                #expect(try await call.value == UInt64(index + 2))
            }
            for handle in slow { #expect(try await handle.numbers() == Array(0...1000)) }
        }
    }

    @Test func failsItsCallersAtTheirDeadlines() async throws {
        try await withCluster(of: 1, configure: { $0.callTimeout = .seconds(1) }) { nodes in
            let latch = Latch.named(#function)
            let slow = try await nodes[0].host("slow", options: inLane()) { Slow(actorSystem: $0) }
            #expect(await code { _ = try await slow.pass(#function) } == .outcomeUnknown)
            #expect(await code { _ = try await slow.numbers() } == .notExecuted)
            latch.open()
            while try await slow.group.status().updates < 1 { await Task.yield() }
        }
    }

    @Test func mayBeLeftWhileItIsBusy() async throws {
        try await withCluster(of: 2) { nodes in
            let latch = Latch.named(#function)
            let slow = try await hostEverywhere("slow", on: nodes, options: inLane()) { Slow(actorSystem: $0) }
            let running = try await slow[0].pipeline.pass(#function)
            let behind = try await slow[0].pipeline.append(1)
            await latch.waitForArrivals(2)
            await nodes[0].leave()
            #expect(await code { _ = try await running.value } == .outcomeUnknown)
            #expect(await code { _ = try await behind.value } == .outcomeUnknown)
            #expect(await code { _ = try await slow[0].append(2) } == .notMember)
            #expect(await code { _ = try await slow[0].group.status() } == .notMember)
            latch.open()
        }
    }

    @Test func finishesWhatWasDeliveredWhenItsViewEnds() async throws {
        try await withCluster(of: 2) { nodes in
            let latch = Latch.named(#function)
            let slow = try await hostEverywhere("slow", on: nodes, options: inLane()) { Slow(actorSystem: $0) }
            let running = try await slow[0].pipeline.pass(#function)
            await latch.waitForArrivals(2)
            await nodes[1].leave()
            _ = try await nodes[0].view { $0.members.count == 1 }
            latch.open()
            #expect(try await running.value == 1)
            #expect(try await slow[0].group.outcome(of: try #require(running.id)) == .executed)
        }
    }

    /// A node that is a spare in the next view, while its lane is busy with a call of the view before.
    private func withSpare(
        _ latch: String, callTimeout: Duration, _ body: (Node, _ running: Call<Int>) async throws -> Void
    ) async throws {
        let cluster = TestCluster(size: 2, callTimeout: callTimeout)
        let nodes = try await cluster.found()
        let layout = GroupLayout.custom("the last two") { [Array($0.members.suffix(2))] }
        let make: @Sendable (Node) async throws -> Slow.Handle = {
            try await $0.host("slow", layout: layout, options: inLane()) { Slow(actorSystem: $0) }
        }
        async let other = make(nodes[1])
        let first = try await make(nodes[0])
        _ = try await other
        let running = try await first.pipeline.pass(latch)
        await Latch.named(latch).waitForArrivals(2)
        let late = try await cluster.join("late")
        async let newcomer = make(late)
        while try first.group.channel.queue.refusal == nil { await Task.yield() }
        try await body(nodes[0], running)
        Latch.named(latch).open()
        _ = try await newcomer
        await leave(nodes + [late])
    }

    @Test func ofASpareFailsItsCallersAtTheirDeadlines() async throws {
        try await withSpare(#function, callTimeout: .seconds(3)) { _, running in
            #expect(await code { _ = try await running.value } == .outcomeUnknown)
        }
    }

    @Test func ofASpareMayBeLeft() async throws {
        try await withSpare(#function, callTimeout: .seconds(60)) { node, running in
            await node.leave()
            #expect(await code { _ = try await running.value } == .outcomeUnknown)
        }
    }

    @Test func isNotForRawGroups() async throws {
        struct Deaf: RawReceiver {
            mutating func receive(_ message: RawMessage, _ bytes: RawSpan) {}
        }
        try await withCluster(of: 1) { nodes in
            let wrong = await code { _ = try await nodes[0].hostRaw("raw", options: inLane()) { Deaf() } }
            #expect(wrong == .invalidConfiguration)
            let none = await code {
                _ = try await nodes[0].host("slow", options: inLane { $0.backlogBytes = 0 }) { Slow(actorSystem: $0) }
            }
            #expect(none == .invalidConfiguration)
        }
    }
}

private final class Counter: Sendable {
    let count = Atomic<Int>(0)
}
