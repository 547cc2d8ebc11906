import LockstepTesting
import Testing

@testable import Lockstep
@testable import LockstepCoordination

@Suite("Shared values", .timeLimit(.minutes(2)))
struct StoreTests {
    @Test func areCountedTogether() async throws {
        try await withCoordinations(of: 3) { coordinations, _ in
            let seen = Shared<[Int]>([])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for coordination in coordinations {
                    group.addTask {
                        for _ in 0..<20 {
                            let sum = try await coordination.counter("orders").add()
                            seen.withLock { $0.append(sum) }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(seen.withLock { $0.sorted() } == Array(1...60))
            #expect(try await coordinations[1].counter("orders").value == 60)
            #expect(await code { try await coordinations[0].counter("orders").add(.max) } == .invalid)
            #expect(try await coordinations[1].counter("orders").add(-60) == 0)
        }
    }

    @Test func areComparedAndSet() async throws {
        try await withCoordinations(of: 2) { coordinations, _ in
            let registers = coordinations.map { $0.register("plan", of: String.self) }
            #expect(try await registers[0].get() == nil)
            let first = try #require(try await registers[0].set("a", replacing: 0))
            #expect(try await registers[1].set("b", replacing: 0) == nil)
            #expect(try await registers[1].get() == Versioned(value: "a", version: first))
            let second = try #require(try await registers[1].set("b", replacing: first))
            #expect(second > first)
            #expect(try await registers[0].set("c", replacing: first) == nil)
            #expect(try await registers[0].set(nil) > second)
            #expect(try await registers[1].get() == nil)
        }
    }

    @Test func areWatchedByPrefix() async throws {
        try await withCoordinations(of: 2) { coordinations, _ in
            let maps = coordinations.map { $0.map("settings", of: Int.self) }
            try await maps[0].set(1, for: "a/1")
            try await maps[0].set(9, for: "b/1")
            var watch = maps[1].watch(prefix: "a/").makeAsyncIterator()
            guard case .all(let all)? = try await watch.next() else {
                Issue.record("a watcher must begin with what there is")
                return
            }
            #expect(all.mapValues(\.value) == ["a/1": 1])
            try await maps[0].set(2, for: "a/2")
            try await maps[0].set(8, for: "b/2")
            try await coordinations[0].map("others", of: Int.self).set(7, for: "a/3")
            let version = try await maps[0].set(nil, for: "a/1")
            guard case .set("a/2", let value)? = try await watch.next(), case .removed("a/1")? = try await watch.next()
            else {
                Issue.record("a watcher must see the changes under its prefix, and no others")
                return
            }
            #expect(value.value == 2 && value.version < version)
            #expect(try await maps[1].all().mapValues(\.value) == ["a/2": 2, "b/1": 9, "b/2": 8])
        }
    }

    @Test func areSaidToAllInOneOrder() async throws {
        try await withCoordinations(of: 3) { coordinations, _ in
            let readers = coordinations.map { $0.topic("alerts", of: String.self).messages }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (place, coordination) in coordinations.enumerated() {
                    group.addTask {
                        for number in 0..<10 {
                            try await coordination.topic("alerts", of: String.self).publish("\(place).\(number)")
                            try await coordination.topic("others", of: String.self).publish("no")
                        }
                    }
                }
                try await group.waitForAll()
            }
            var heard: Set<[String]> = []
            for messages in readers {
                var reader = messages.makeAsyncIterator()
                var all: [String] = []
                while all.count < 30, let message = try await reader.next() { all.append(message) }
                heard.insert(all)
            }
            #expect(heard.count == 1)
            #expect(Set(heard.first ?? []).count == 30)
        }
    }
}

@Suite("Queues of work", .timeLimit(.minutes(2)))
struct WorkQueueTests {
    @Test func giveEachItemToOne() async throws {
        try await withCoordinations(of: 3) { coordinations, _ in
            let done = Shared<[Int]>([])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for coordination in coordinations {
                    group.addTask {
                        for _ in 0..<10 {
                            try await coordination.queue("jobs", of: Int.self).withNext { job in
                                done.withLock { $0.append(job) }
                            }
                        }
                    }
                }
                for job in 0..<30 { try await coordinations[job % 3].queue("jobs", of: Int.self).add(job) }
                try await group.waitForAll()
            }
            #expect(done.withLock { $0.sorted() } == Array(0..<30))
            try await nothingIsLeft(coordinations)
        }
    }

    @Test func giveAgainWhatWasNotDone() async throws {
        struct Failure: Error {}
        try await withCoordinations(of: 1) { coordinations, _ in
            let queue = coordinations[0].queue("jobs", of: String.self)
            try await queue.add("first")
            try await queue.add("second")
            await #expect(throws: Failure.self) { try await queue.withNext { _ in throw Failure() } }
            #expect(try await queue.count == 2)
            #expect(try await queue.withNext { $0 } == "first")
            #expect(try await queue.withNext { $0 } == "second")
            #expect(await code { try await queue.withNext(timeout: .milliseconds(5)) { _ in } } == .timedOut)
            try await nothingIsLeft(coordinations)
        }
    }

    @Test func giveAgainWhatTheDeadHad() async throws {
        try await withCoordinations(of: 3) { coordinations, nodes in
            let queues = coordinations.map { $0.queue("jobs", of: String.self) }
            let latch = try coordinations[2].countdownLatch("taken", count: 1)
            let dying = Task {
                try await queues[2].withNext { job in
                    try await latch.countDown()
                    try await Task.sleep(for: .seconds(3600))
                }
            }
            try await queues[0].add("job")
            try await latch.wait()
            let next = Task { try await queues[1].withNext { $0 } }
            await nodes[2].membership.leave(isAbrupt: true)
            #expect(try await next.value == "job")
            await nodes[2].leave()
            #expect(await code { try await dying.value } == .lost)
            try await nothingIsLeft(Array(coordinations.prefix(2)))
        }
    }

    /// What others will be given is not done, though the closure has returned.
    @Test func sayThatAnItemIsNotDoneOnWhoIsOut() async throws {
        try await withCoordinations(of: 3) { coordinations, nodes in
            let queues = coordinations.map { $0.queue("jobs", of: String.self) }
            try await queues[0].add("job")
            let failure = await code {
                try await queues[2].withNext { [node = nodes[2]] _ in await node.membership.leave(isAbrupt: true) }
            }
            #expect(failure == .lost)
            #expect(try await queues[1].withNext { $0 } == "job")
            await nodes[2].leave()
        }
    }
}

@Suite("Shares of work")
struct ShareTests {
    private let items = (0..<300).map { "part \($0)" }

    private func owners(among members: [String]) -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: items.compactMap { item in
                Shares.owner(of: item, among: members).map { (item, members[$0]) }
            })
    }

    @Test func areOfEverybodyAndStable() {
        let before = owners(among: ["a", "b", "c"])
        let after = owners(among: ["a", "c"])
        #expect(before.count == items.count && after.count == items.count)
        for name in ["a", "b", "c"] { #expect(before.values.count { $0 == name } > 60) }
        // Only those of the one who has gone have moved.
        #expect(items.allSatisfy { before[$0] == "b" || before[$0] == after[$0] })
        #expect(Shares.owner(of: "x", among: []) == nil)
    }

    @Test func areDividedAgainAtEachView() async throws {
        try await withCluster(of: 2) { nodes in
            var shares: [AsyncStream<[Int]>.Iterator] = nodes.map { $0.shares(of: Array(0..<20)).makeAsyncIterator() }
            let first = await shares[0].next() ?? []
            let second = await shares[1].next() ?? []
            #expect((first + second).sorted() == Array(0..<20))
            await nodes[1].leave()
            #expect(await shares[0].next() == Array(0..<20))
            #expect(await shares[1].next() == nil)
        }
    }
}
