import LockstepTesting
import Testing

@testable import Lockstep
@testable import LockstepCoordination

@Suite("Barriers and latches", .timeLimit(.minutes(2)))
struct BarrierTests {
    @Test func letAllOfAGenerationGo() async throws {
        try await withCoordinations(of: 3) { coordinations, _ in
            let generations = Shared<[UInt64: Int]>([:])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for coordination in coordinations {
                    let barrier = try coordination.barrier("step", parties: 3)
                    group.addTask {
                        var last: UInt64 = 0
                        for _ in 0..<20 {
                            let generation = try await barrier.wait()
                            #expect(generation > last)
                            last = generation
                            generations.withLock { $0[generation, default: 0] += 1 }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(generations.withLock { $0.count } == 20)
            #expect(generations.withLock { Set($0.values) } == [3])
            try await nothingIsLeft(coordinations)
        }
    }

    @Test func breakForAllWhenOneDies() async throws {
        try await withCoordinations(of: 3) { coordinations, nodes in
            let waiting = Task {
                await code { try await coordinations[0].barrier("step", parties: 3).wait() }
            }
            let dying = Task { try await coordinations[2].barrier("step", parties: 3).wait() }
            try await arrivals(at: "barrier/step", coordinations[1], are: 2)
            await nodes[2].membership.leave(isAbrupt: true)
            #expect(await waiting.value == .broken)
            try await arrivals(at: "barrier/step", coordinations[1], are: 0)
            await nodes[2].leave()
            await #expect(throws: LockstepError.self) { try await dying.value }
        }
    }

    @Test func mayForgetWhoGoes() async throws {
        try await withCoordinations(of: 2) { coordinations, _ in
            let barriers = try coordinations.map { try $0.barrier("step", parties: 2, departure: .isForgotten) }
            let waiting = Task { try await barriers[0].wait() }
            try await arrivals(at: "barrier/step", coordinations[0], are: 1)
            let cancelled = Task { try await coordinations[1].barrier("other", parties: 2).wait() }
            try await arrivals(at: "barrier/other", coordinations[0], are: 1)
            cancelled.cancel()
            await #expect(throws: CancellationError.self) { try await cancelled.value }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            try await arrivals(at: "barrier/step", coordinations[1], are: 0)
            async let first: UInt64 = barriers[0].wait()
            #expect(try await barriers[1].wait() == first)
            try await nothingIsLeft(coordinations)
        }
    }

    @Test func checkTheirNumbersAndDeadlines() async throws {
        try await withCoordinations(of: 1) { coordinations, _ in
            let barrier = try coordinations[0].barrier("step", parties: 2)
            #expect(await code { try await barrier.wait(timeout: .milliseconds(5)) } == .timedOut)
            let waiting = Task { try await barrier.wait() }
            try await arrivals(at: "barrier/step", coordinations[0], are: 1)
            #expect(await code { try await coordinations[0].barrier("step", parties: 3).wait() } == .differs)
            #expect(await code { _ = try coordinations[0].barrier("step", parties: 0) } == .invalid)
            #expect(try await barrier.wait() == waiting.value)
            try await nothingIsLeft(coordinations)
        }
    }

    @Test func beginAndEndTogether() async throws {
        try await withCoordinations(of: 3) { coordinations, _ in
            let counts = Shared((begun: 0, ended: 0))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for coordination in coordinations {
                    let work = try coordination.doubleBarrier("import", parties: 3)
                    group.addTask {
                        counts.withLock { $0.begun += 1 }
                        try await work.run {
                            #expect(counts.withLock { $0.begun } == 3)
                            counts.withLock { $0.ended += 1 }
                        }
                        #expect(counts.withLock { $0.ended } == 3)
                    }
                }
                try await group.waitForAll()
            }
            try await nothingIsLeft(coordinations)
        }
    }

    @Test func endWithoutWhoDies() async throws {
        try await withCoordinations(of: 3) { coordinations, nodes in
            let inside = try coordinations[0].countdownLatch("inside", count: 3)
            let tasks = try coordinations.enumerated().map { place, coordination in
                let work = try coordination.doubleBarrier("import", parties: 3)
                let latch = try coordination.countdownLatch("inside", count: 3)
                return Task {
                    try await work.run {
                        try await latch.countDown()
                        if place == 2 { try await Task.sleep(for: .seconds(3600)) }
                    }
                }
            }
            try await inside.wait()
            await nodes[2].membership.leave(isAbrupt: true)
            try await tasks[0].value
            try await tasks[1].value
            await nodes[2].leave()
            // It was cut off in the middle.
            #expect(await code { try await tasks[2].value } == .lost)
            try await nothingIsLeft(Array(coordinations.prefix(2)))
        }
    }

    @Test func openAtZeroAndStayOpen() async throws {
        try await withCoordinations(of: 2) { coordinations, _ in
            let latches = try coordinations.map { try $0.countdownLatch("loaded", count: 2) }
            let waiting = Task { try await latches[1].wait() }
            #expect(try await latches[0].countDown() == 1)
            #expect(try await latches[1].countDown(by: 5) == 0)
            try await waiting.value
            try await latches[0].wait()
            try await latches[0].reset()
            #expect(await code { try await latches[0].wait(timeout: .milliseconds(5)) } == .timedOut)
            #expect(await code { try await latches[0].countDown(by: 0) } == .invalid)
        }
    }
}

/// Waits until so many wait at a barrier.
private func arrivals(at key: String, _ coordination: Coordination, are count: Int) async throws {
    try await coordination.coordinator.group.wait { $0.arrivals(at: key) == count }
}
