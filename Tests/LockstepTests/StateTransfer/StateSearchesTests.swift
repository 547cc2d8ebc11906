import Testing

@testable import Lockstep

@Suite("Who is asked for a state")
struct StateSearchesTests {
    /// Whom the next question goes to, and its number.
    private func ask(_ searches: inout StateSearches, _ shard: Int) -> (source: UInt64, request: UInt64)? {
        guard case .ask(let question) = searches.next(shard) else { return nil }
        return (question.source, question.request)
    }

    @Test func oneAfterTheOtherUntilItComes() throws {
        var searches = StateSearches()
        searches.begin([7, 8], for: "g", shard: 3, in: 5)
        let asked = (0..<3).map { _ in ask(&searches, 3) }
        #expect(asked.map { $0?.source } == [7, 8, 7])
        let other = searches.next(4)
        #expect(other == .isOver)
        let request = try #require(asked[2]?.request)
        let (first, again) = (searches.accept(request), searches.accept(request))
        #expect(first?.shard == 3 && first?.view == 5 && first?.source == 7 && again == nil)
        let next = searches.next(3)
        #expect(next == .isOver)
        #expect(searches.progress(of: 3)?.source == 7)
    }

    @Test func whatComesLateFromAnEarlierQuestionEndsNothing() throws {
        var searches = StateSearches()
        searches.begin([7], for: "g", shard: 3, in: 5)
        let late = try #require(ask(&searches, 3)).request
        searches.begin([8], for: "g", shard: 3, in: 6)
        let isTaken = searches.accept(late) != nil
        #expect(!isTaken)
        let goesOn = searches.refuse(late, because: nil)
        #expect(goesOn == nil)
        let source = ask(&searches, 3)?.source
        #expect(source == 8)
    }

    @Test func whoCannotGiveItIsNotAskedAgainInTheView() throws {
        var searches = StateSearches()
        searches.begin([7, 8], for: "g", shard: 3, in: 5)
        let goesOn = searches.refuse(try #require(ask(&searches, 3)).request, because: "7 cannot")
        #expect(goesOn == 3)
        let asked = (0..<2).map { _ in ask(&searches, 3)?.source }
        #expect(asked == [8, 8])
        // One that began to give it, and could not.
        let request = try #require(ask(&searches, 3)).request
        _ = searches.accept(request)
        let waits = searches.refuse(request, because: "8 cannot")
        #expect(waits == nil)
        searches.begin([7, 8], for: "g", shard: 3, in: 5)
        let end = searches.next(3)
        #expect(end == .isHopeless(view: 5, reasons: ["7 cannot", "8 cannot"]))
        searches.begin([7, 8], for: "g", shard: 3, in: 6)
        let source = ask(&searches, 3)?.source
        #expect(source == 7)
    }
}
