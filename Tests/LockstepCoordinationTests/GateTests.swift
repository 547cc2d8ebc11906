import LockstepTesting
import Testing

@testable import LockstepCoordination

@Suite("Read-write locks and semaphores", .timeLimit(.minutes(2)))
struct GateTests {
    @Test func letManyReadOrOneWrite() async throws {
        try await withCoordinations(of: 2) { coordinations, _ in
            let state = Shared((readers: 0, writers: 0, mostReaders: 0))
            // Both must be inside at once, or neither goes on.
            let meeting = try coordinations[0].barrier("meeting", parties: 2)
            let elsewhere = try coordinations[1].barrier("meeting", parties: 2)
            async let first: UInt64 = coordinations[0].readWriteLock("x").withReadLock { _ in try await meeting.wait() }
            async let second: UInt64 = coordinations[1].readWriteLock("x").withReadLock { _ in
                try await elsewhere.wait()
            }
            #expect(try await first == second)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<8 {
                    let lock = coordinations[task % 2].readWriteLock("x")
                    group.addTask {
                        try await lock.withReadLock { _ in
                            state.withLock {
                                $0.readers += 1
                                #expect($0.writers == 0)
                            }
                            await Task.yield()
                            state.withLock { $0.readers -= 1 }
                        }
                        try await lock.withWriteLock { _ in
                            state.withLock {
                                $0.writers += 1
                                #expect($0.writers == 1 && $0.readers == 0)
                            }
                            await Task.yield()
                            state.withLock { $0.writers -= 1 }
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await nothingIsLeft(coordinations)
        }
    }

    @Test func letNobodyOvertake() async throws {
        try await withCoordinations(of: 1) { coordinations, _ in
            let lock = coordinations[0].readWriteLock("x")
            let order = Shared<[String]>([])
            let read = Task {
                try await lock.withReadLock { _ in
                    try await waiters(at: "readWriteLock/x", coordinations[0], are: 2)
                    order.withLock { $0.append("reader") }
                }
            }
            try await holders(of: "readWriteLock/x", coordinations[0], are: 1)
            let write = Task { try await lock.withWriteLock { _ in order.withLock { $0.append("writer") } } }
            try await waiters(at: "readWriteLock/x", coordinations[0], are: 1)
            let late = Task { try await lock.withReadLock { _ in order.withLock { $0.append("late reader") } } }
            for task in [read, write, late] { try await task.value }
            #expect(order.withLock { $0 } == ["reader", "writer", "late reader"])
        }
    }

    @Test func giveAsManyPermitsAsThereAre() async throws {
        try await withCoordinations(of: 2) { coordinations, _ in
            let used = Shared(0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<20 {
                    let semaphore = try coordinations[task % 2].semaphore("x", permits: 5)
                    let count = task % 5 + 1
                    group.addTask {
                        try await semaphore.withPermits(count) {
                            used.withLock {
                                $0 += count
                                #expect($0 <= 5)
                            }
                            await Task.yield()
                            used.withLock { $0 -= count }
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await nothingIsLeft(coordinations)
        }
    }

    @Test func checkTheirNumbers() async throws {
        try await withCoordinations(of: 1) { coordinations, _ in
            let semaphore = try coordinations[0].semaphore("x", permits: 2)
            #expect(await code { _ = try coordinations[0].semaphore("x", permits: 0) } == .invalid)
            #expect(await code { try await semaphore.withPermits(3) {} } == .invalid)
            let hold = try await semaphore.acquire()
            let other = try coordinations[0].semaphore("x", permits: 3)
            #expect(await code { try await other.withPermits {} } == .differs)
            await hold.release()
            try await other.withPermits {}
            try await nothingIsLeft(coordinations)
        }
    }
}
