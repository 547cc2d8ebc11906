import Testing

@testable import Lockstep

@Suite("Who is asked for a state")
struct StateSearchesTests {
    @Test func oneAfterTheOtherUntilItIsThere() {
        var searches = StateSearches()
        searches.begin([7, 8], for: "g", shard: 3, in: 5)
        let asked = (0..<3).map { _ in searches.next(3, in: 5)?.source }
        let other = searches.next(4, in: 5)
        #expect(asked == [7, 8, 7] && other == nil)
        let ends = [searches.end(3, in: 5, size: 1), searches.end(3, in: 5, size: 1)]
        let next = searches.next(3, in: 5)
        #expect(ends == [true, false] && next == nil)
    }

    @Test func whatComesLateFromAnEarlierViewEndsNothing() {
        var searches = StateSearches()
        searches.begin([7], for: "g", shard: 3, in: 5)
        searches.begin([8], for: "g", shard: 3, in: 6)
        let (next, isEnded) = (searches.next(3, in: 5), searches.end(3, in: 5, size: 1))
        #expect(next == nil && !isEnded)
        let (source, isFound) = (searches.next(3, in: 6)?.source, searches.end(3, in: 6, size: 7))
        #expect(source == 8 && isFound)
        let progress = searches.progress(of: 3)
        #expect(progress?.source == 8 && progress?.size == 7)
    }
}
