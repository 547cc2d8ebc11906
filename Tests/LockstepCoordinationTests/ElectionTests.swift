import LockstepTesting
import Testing

@testable import Lockstep
@testable import LockstepCoordination

@Suite("Elections", .timeLimit(.minutes(2)))
struct ElectionTests {
    @Test func haveOneLeaderATermThatEverybodySees() async throws {
        try await withCoordinations(of: 3) { coordinations, _ in
            let elections = coordinations.map { $0.election("scheduler") }
            var leaders = elections[2].leaders.makeAsyncIterator()
            #expect(try await leaders.next() == .some(nil))
            let first = try await elections[0].campaign(as: "a")
            let second = Task { try await elections[1].campaign(as: "b") }
            try await waiters(at: "election/scheduler", coordinations[0], are: 1)
            #expect(try await elections[2].leader?.name == "a")
            await first.release()
            let next = try await second.value
            #expect(next.token > first.token)
            await next.release()
            #expect(try await leaders.next() == .some(Leader(name: "a", term: first.token)))
            #expect(try await leaders.next() == .some(Leader(name: "b", term: next.token)))
            #expect(try await leaders.next() == .some(nil))
            try await nothingIsLeft(coordinations)
        }
    }

    @Test func replaceALeaderThatDies() async throws {
        try await withCoordinations(of: 3) { coordinations, nodes in
            let dying = try await coordinations[2].election("scheduler").campaign(as: "c")
            let term = try await withThrowingTaskGroup(of: FencingToken.self) { group in
                group.addTask {
                    try await coordinations[0].election("scheduler").whileLeader(as: "a") { $0 }
                }
                try await waiters(at: "election/scheduler", coordinations[1], are: 1)
                await nodes[2].membership.leave(isAbrupt: true)
                return try await group.next()
            }
            #expect(try #require(term) > dying.token)
            try await nothingIsLeft(Array(coordinations.prefix(2)))
        }
    }

    /// The present leader, and then only what came after.
    @Test func tellNothingOfThePast() async throws {
        try await withCoordinations(of: 1) { coordinations, _ in
            let election = coordinations[0].election("scheduler")
            let leaders = election.leaders
            var reader = leaders.makeAsyncIterator()
            await (try await election.campaign(as: "a")).release()
            let hold = try await election.campaign(as: "b")
            #expect(try await reader.next() == .some(Leader(name: "b", term: hold.token)))
            await hold.release()
            #expect(try await reader.next() == .some(nil))
        }
    }
}
