import LockstepTesting
import Testing

@testable import Lockstep
@testable import LockstepCoordination

@Suite("Locks", .timeLimit(.minutes(2)))
struct LockTests {
    @Test func haveOneHolderAtATimeWithTokensThatGrow() async throws {
        try await withCoordinations(of: 3) { coordinations, _ in
            try await expectTurns(of: (0..<12).map { coordinations[$0 % 3] }, each: 10)
        }
    }

    @Test func areGivenInTheOrderOfArrival() async throws {
        try await withCoordinations(of: 2) { coordinations, _ in
            let first = try await coordinations[0].lock("x").acquire()
            let order = Shared<[Int]>([])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<6 {
                    let coordination = coordinations[number % 2]
                    group.addTask {
                        try await coordination.lock("x").withLock { _ in order.withLock { $0.append(number) } }
                    }
                    try await waiters(at: "lock/x", coordinations[0], are: number + 1)
                }
                await first.release()
                try await group.waitForAll()
            }
            #expect(order.withLock { $0 } == Array(0..<6))
        }
    }

    @Test func doNotDisturbEachOther() async throws {
        try await withCoordinations(of: 1) { coordinations, nodes in
            try await nodes[0].lock("x").withLock { _ in
                try await coordinations[0].lock("y").withLock { _ in }
            }
        }
    }

    @Test func refuseTheirHolder() async throws {
        try await withCoordinations(of: 1) { coordinations, _ in
            let lock = coordinations[0].lock("x")
            let inside = await code {
                try await lock.withLock { _ in try await lock.withLock { _ in } }
            }
            #expect(inside == .reentrant)
            // A task of its own may wait for it.
            let later = try await lock.withLock { _ in Task.detached { try await lock.withLock { _ in 5 } } }
            #expect(try await later.value == 5)
        }
    }

    @Test func giveUpAtTheDeadline() async throws {
        try await withCoordinations(of: 2) { coordinations, _ in
            let hold = try await coordinations[0].lock("x").acquire()
            let failure = await code {
                try await coordinations[1].lock("x").withLock(timeout: .milliseconds(20)) { _ in }
            }
            #expect(failure == .timedOut)
            try await waiters(at: "lock/x", coordinations[0], are: 0)
            await hold.release()
            try await coordinations[0].lock("x").withLock { _ in }
            try await nothingIsLeft(coordinations)
        }
    }

    @Test func leaveNothingOfWhoIsCancelled() async throws {
        try await withCoordinations(of: 2) { coordinations, _ in
            let hold = try await coordinations[0].lock("x").acquire()
            let waiting = Task { try await coordinations[1].lock("x").acquire() }
            try await waiters(at: "lock/x", coordinations[0], are: 1)
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            try await waiters(at: "lock/x", coordinations[0], are: 0)
            await hold.release()
            try await nothingIsLeft(coordinations)
        }
    }

    @Test func areFreeAfterTheClosure() async throws {
        struct Failure: Error {}
        try await withCoordinations(of: 1) { coordinations, _ in
            let lock = coordinations[0].lock("x")
            await #expect(throws: Failure.self) { try await lock.withLock { _ in throw Failure() } }
            let inside = Task {
                try await lock.withLock { _ in try await Task.sleep(for: .seconds(3600)) }
            }
            try await holders(of: "lock/x", coordinations[0], are: 1)
            inside.cancel()
            await #expect(throws: CancellationError.self) { try await inside.value }
            #expect(try await lock.withLock { $0 } > FencingToken(value: 0))
            try await nothingIsLeft(coordinations)
        }
    }

    @Test(arguments: [true, false])
    func ofAMemberAreFreeWithTheViewWithoutIt(isAbrupt: Bool) async throws {
        try await withCoordinations(of: 3) { coordinations, nodes in
            let lost = try await coordinations[2].lock("x").acquire()
            let other = try await coordinations[1].lock("y").acquire()
            let waiting = Task { try await coordinations[2].lock("y").acquire() }
            try await waiters(at: "lock/y", coordinations[0], are: 1)
            let next = Task { try await coordinations[0].lock("x").acquire() }
            try await waiters(at: "lock/x", coordinations[0], are: 1)
            await nodes[2].membership.leave(isAbrupt: isAbrupt)
            #expect(try await next.value.token > lost.token)
            try await waiters(at: "lock/y", coordinations[0], are: 0)
            await other.release()
            await nodes[2].leave()
            await #expect(throws: LockstepError.self) { try await waiting.value }
            await #expect(throws: LockstepError.self) { try await coordinations[2].lock("x").acquire() }
        }
    }
}
