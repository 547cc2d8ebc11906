import Testing

@testable import Lockstep

@Suite("What was published, as it is read for clients")
struct ChangeFeedTests {
    private let one = SessionKey(opened: 1, nonce: 1)
    private let other = SessionKey(opened: 2, nonce: 2)

    /// What there is to read, as text.
    private func read(
        _ feed: ChangeFeed, _ position: inout ChangeFeed.Position, for client: SessionKey?
    ) throws -> String {
        switch try feed.next(&position, for: client) {
        case .change(let change, let version): "\(version): \(change)"
        case .lagged(let version): "lagged \(version)"
        case .wait: "nothing"
        }
    }

    private func wait(
        _ feed: ChangeFeed, _ position: inout ChangeFeed.Position, for client: SessionKey
    ) throws -> PendingReply {
        guard case .wait(let reply) = try feed.next(&position, for: client) else { throw Unexpected() }
        return reply
    }

    private struct Unexpected: Error {}

    @Test func isWhatConcernsThem() throws {
        let feed = ChangeFeed(kept: 10)
        var (mine, all) = (feed.end, feed.end)
        feed.append("a", version: 1, for: [other])
        feed.append("b", version: 2, for: [one, other])
        feed.append("c", version: 3)
        feed.append("d", version: 4, for: [])
        let (own, every) = (
            try (0..<3).map { _ in try read(feed, &mine, for: one) },
            try (0..<5).map { _ in try read(feed, &all, for: nil) }
        )
        #expect(own == ["2: b", "3: c", "nothing"])
        #expect(every == ["1: a", "2: b", "3: c", "4: d", "nothing"])
    }

    @Test func whoWaitsMissesNothingWhenOthersAreToldMuch() throws {
        let feed = ChangeFeed(kept: 2)
        var (position, late) = (feed.end, feed.end)
        let reply = try wait(feed, &position, for: one)
        for version in 1...5 { feed.append("x", version: UInt64(version), for: [other]) }
        #expect(!reply.isAnswered)
        feed.append("mine", version: 6, for: [one])
        position = try reply.outcome()
        #expect(try read(feed, &position, for: one) == "6: mine")
        // Who did not wait cannot know.
        #expect(try read(feed, &late, for: one) == "lagged 4")
    }

    /// A client goes on through a member that has not executed yet what it has read elsewhere.
    @Test func whoKnowsMoreThanTheReplicaReadsNothingTwice() throws {
        let feed = ChangeFeed(kept: 10)
        var position = ChangeFeed.Position.version(5)
        func find() throws -> String {
            switch try feed.next(&position, after: 5, for: one) {
            case .change(let change, let version): "\(version): \(change)"
            case .lagged(let version): "lagged \(version)"
            case .wait: "nothing"
            }
        }
        for version in 3...4 as ClosedRange<UInt64> { feed.append("x", version: version, for: [one]) }
        #expect(try find() == "nothing")
        for version in 5...6 as ClosedRange<UInt64> { feed.append("x", version: version, for: [one]) }
        #expect(try find() == "6: x")
    }

    @Test func whoWaitsHearsOfAGapAndOfTheEnd() throws {
        let feed = ChangeFeed(kept: 2)
        var position = feed.end
        var reply = try wait(feed, &position, for: one)
        feed.skip(to: 7)
        position = try reply.outcome()
        #expect(try read(feed, &position, for: one) == "lagged 7")
        reply = try wait(feed, &position, for: one)
        feed.end(because: LockstepError(.notMember, "It is over."))
        position = try reply.outcome()
        #expect(throws: LockstepError.self) { try read(feed, &position, for: one) }
    }

    @Test func whoHasGoneLeavesNothing() throws {
        let feed = ChangeFeed(kept: 2)
        var position = feed.end
        let first = try wait(feed, &position, for: one)
        let second = try wait(feed, &position, for: one)
        #expect(first.failure is CancellationError)
        feed.endWait(first, of: one)
        feed.append("a", version: 1, for: [one])
        #expect(second.failure == nil && second.isAnswered)
        let third = try wait(feed, &position, for: other)
        feed.endWait(third, of: other)
        #expect(third.failure is CancellationError)
    }
}
