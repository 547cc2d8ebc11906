import Glibc
import Testing

@testable import LockstepCommand

/// Each kind of thing that members share, with histories that it may have and such that it must not have.
@Suite
struct FleetHistoryTests {
    /// A call of one client, and its answers.
    private struct Step {
        let client: UInt64
        let call: FleetCall
        let began: UInt64
        var answers: [(FleetAnswer, UInt64)] = []

        /// One that is answered at the end of the time.
        init(
            _ client: UInt64, _ part: FleetCall.Part, _ action: FleetCall.Action, _ argument: UInt64 = 0,
            put value: UInt64 = 0,
            replacing version: UInt64 = 0, gives output: UInt64 = 0, version found: UInt64 = 0,
            at time: ClosedRange<UInt64>
        ) {
            self.init(client, part, action, argument, put: value, replacing: version, from: time.lowerBound)
            answers = [(FleetAnswer(output: output, version: found), time.upperBound)]
        }

        /// One of which nobody knows what became of it.
        init(
            _ client: UInt64, _ part: FleetCall.Part, _ action: FleetCall.Action, _ argument: UInt64 = 0,
            put value: UInt64 = 0,
            replacing version: UInt64 = 0, from began: UInt64
        ) {
            (self.client, self.began) = (client, began)
            call = FleetCall(
                part: part, action: action, name: 1, argument: argument, value: value, version: version)
        }

        /// One that hears these, with their versions if they have some.
        init(
            _ client: UInt64, _ part: FleetCall.Part, hears news: [(UInt64, version: UInt64)],
            at time: ClosedRange<UInt64>
        ) {
            self.init(client, part, .hear, from: time.lowerBound)
            answers = news.map { (FleetAnswer(output: $0.0, version: $0.version), time.upperBound) }
        }
    }

    /// What is wrong with what some members told that are there to the end, and others that are not.
    private func flaw(_ present: [Step]..., out: [Step] = []) -> String? {
        var history = FleetHistory()
        for (place, steps) in (present + [out]).enumerated() {
            var member = FleetHistory.Member()
            for (number, step) in steps.enumerated() {
                let number = step.client << 32 | UInt64(number)
                member.note(step.call, as: number, at: step.began)
                for (answer, time) in step.answers { member.note(answer, to: number, at: time) }
            }
            history.add(member, process: pid_t(100 + place), isOut: place == present.count)
        }
        return history.flaw
    }

    // MARK: - Locks

    private func hold(
        _ part: FleetCall.Part = .lock, _ permits: UInt64 = 1, token: UInt64, _ time: ClosedRange<UInt64>
    ) -> [Step] {
        let (start, end) = (time.lowerBound, time.upperBound)
        return [
            Step(0, part, .acquire, permits, gives: token, at: start...start + 1),
            Step(0, part, .release, at: end - 1...end),
        ]
    }

    @Test(arguments: [FleetCall.Part.lock, .office])
    func twoHoldersAreFound(part: FleetCall.Part) throws {
        let sentence = try #require(flaw(hold(part, token: 5, 1...10), hold(part, token: 6, 3...6)))
        #expect(sentence.hasPrefix("The \(part) 1 was not what its callers saw: "), "\(sentence)")
        #expect(flaw(hold(part, token: 5, 1...5), hold(part, token: 6, 3...9)) == nil)
    }

    @Test
    func aHolderThatIsOutLosesWhatItHeld() {
        let holder = [Step(0, .lock, .acquire, 1, gives: 5, at: 1...2)]
        #expect(flaw(hold(token: 6, 3...6), out: holder) == nil)
        #expect(flaw(hold(token: 6, 3...6), holder) != nil)
    }

    @Test
    func aTokenThatDoesNotGrowIsFound() {
        #expect(flaw(hold(token: 5, 1...3), hold(token: 5, 4...8)) != nil)
        #expect(flaw(hold(token: 5, 1...3), hold(token: 6, 4...8)) == nil)
    }

    @Test
    func tooManyPermitsAreFound() {
        #expect(flaw(hold(.semaphore, 2, token: 5, 1...9), hold(.semaphore, 1, token: 5, 3...6)) == nil)
        #expect(flaw(hold(.semaphore, 2, token: 5, 1...9), hold(.semaphore, 2, token: 6, 3...6)) != nil)
        #expect(flaw(hold(.semaphore, 2, token: 5, 1...9), hold(.semaphore, 1, token: 4, 3...6)) != nil)
    }

    @Test
    func whoReadsWhileSomebodyWritesIsFound() {
        let all = UInt64(FleetShares.permitsOfWriter)
        #expect(flaw(hold(.readWriteLock, token: 5, 1...9), hold(.readWriteLock, token: 5, 3...6)) == nil)
        #expect(flaw(hold(.readWriteLock, token: 5, 1...9), hold(.readWriteLock, all, token: 6, 3...6)) != nil)
        #expect(flaw(hold(.readWriteLock, token: 5, 1...3), hold(.readWriteLock, all, token: 5, 4...8)) != nil)
    }

    // MARK: - Meetings

    private func arrivals(_ generations: [UInt64], _ times: [ClosedRange<UInt64>]) -> [Step] {
        zip(generations, times).enumerated().map { client, arrival in
            Step(UInt64(client), .barrier, .arrive, gives: arrival.0, at: arrival.1)
        }
    }

    @Test
    func aGenerationThatIsNotWholeIsFound() {
        let times: [ClosedRange<UInt64>] = [1...9, 2...8, 3...7]
        #expect(flaw(arrivals([5, 5, 5], times)) == nil)
        #expect(flaw(arrivals([5, 5, 0], times)) != nil, "one was turned away")
        #expect(flaw(arrivals([5, 5], times)) != nil, "one is missing")
        #expect(flaw(arrivals([5, 5, 5, 5], times + [3...7])) != nil, "one too many")
        #expect(flaw(arrivals([5, 5, 6], times)) != nil, "one alone")
    }

    @Test
    func whoDiedAtABarrierMayHaveBeenLetGo() {
        let others = arrivals([5, 5], [1...9, 2...8])
        #expect(flaw(others, out: [Step(0, .barrier, .arrive, from: 3)]) == nil)
        #expect(flaw(others, out: [Step(0, .barrier, .arrive, from: 9)]) != nil, "it came later")
        let next = arrivals([6, 6], [10...19, 12...18])
        #expect(flaw(others, next, out: [Step(0, .barrier, .arrive, from: 3)]) != nil, "it came once")
    }

    @Test
    func whoGoesBeforeAllAreThereIsFound() {
        #expect(flaw(arrivals([5, 5, 5], [1...9, 2...4, 5...7])) != nil)
        let (first, second): ([ClosedRange<UInt64>], [ClosedRange<UInt64>]) = (
            [1...9, 1...9, 1...9], [20...29, 20...29, 20...29]
        )
        #expect(flaw(arrivals([5, 5, 5], first), arrivals([6, 6, 6], second)) == nil)
        #expect(flaw(arrivals([6, 6, 6], first), arrivals([5, 5, 5], second)) != nil, "generations grow")
    }

    /// Comes, enters, is done and leaves.
    private func visit(_ came: UInt64, _ entered: UInt64, _ done: UInt64, _ left: UInt64) -> [Step] {
        [Step(0, .doubleBarrier, .arrive, at: came...entered), Step(0, .doubleBarrier, .end, at: done...left)]
    }

    @Test
    func whoEntersOrLeavesADoubleBarrierAloneIsFound() {
        let (first, second, third) = (visit(1, 4, 6, 8), visit(2, 5, 6, 9), visit(3, 6, 7, 10))
        #expect(flaw(first, second, third) == nil)
        #expect(flaw(first, second) != nil, "only two had come")
        #expect(flaw(first, second, visit(5, 6, 7, 10)) != nil, "the third came later")
        #expect(flaw(first, second, visit(3, 6, 9, 10)) != nil, "the third was not done")
        #expect(flaw(first, second, third, third) != nil, "four are inside")
        #expect(flaw(first, second, out: [Step(0, .doubleBarrier, .arrive, from: 3)]) == nil)
    }

    @Test
    func aLatchThatOpensTooEarlyIsFound() {
        let steps = UInt64(FleetShares.steps)
        let counts = (0..<steps).map { Step(0, .latch, .countDown, gives: steps - $0 - 1, at: 2 * $0 + 1...2 * $0 + 2) }
        let end = 2 * steps
        #expect(flaw(counts, [Step(0, .latch, .wait, at: 1...end)]) == nil)
        #expect(flaw(counts, [Step(0, .latch, .wait, at: 1...end - 2)]) != nil)
        #expect(flaw(counts + [Step(0, .latch, .countDown, gives: 1, at: end + 1...end + 2)]) != nil)
        #expect(
            flaw(counts.dropLast() + [], [Step(0, .latch, .wait, at: 1...end)], out: [counts[counts.count - 1]]) == nil)
    }

    // MARK: - Values

    @Test
    func anAdditionThatIsLostOrRunsTwiceIsFound() {
        for sum: UInt64 in 1...3 {
            let second = [Step(0, .counter, .add, gives: sum, at: 3...4)]
            #expect((flaw([Step(0, .counter, .add, gives: 1, at: 1...2)], second) == nil) == (sum == 2))
            // What nobody was answered may have run, once.
            #expect((flaw(second, out: [Step(0, .counter, .add, from: 1)]) == nil) == (sum < 3))
        }
    }

    @Test(arguments: [FleetCall.Part.register, .map])
    func aValueThatIsNotTheLastIsFound(part: FleetCall.Part) {
        let put = Step(0, part, .put, 7, put: 1, gives: 3, at: 1...2)
        let replacement = Step(0, part, .replace, 7, put: 2, replacing: 3, gives: 4, at: 3...4)
        func found(_ value: UInt64, _ version: UInt64) -> [Step] {
            [Step(1, part, .get, 7, gives: value, version: version, at: 5...6)]
        }
        #expect(flaw([put, replacement], found(2, 4)) == nil)
        #expect(flaw([put, replacement], found(1, 3)) != nil, "an old value")
        #expect(flaw([put, replacement], found(2, 3)) != nil, "another version")
        let late = Step(2, part, .replace, 7, put: 5, replacing: 3, gives: 6, at: 5...6)
        #expect(flaw([put, replacement], [late]) != nil, "what was replaced is replaced again")
        let refused = Step(2, part, .replace, 7, put: 5, replacing: 3, gives: 0, at: 5...6)
        #expect(flaw([put, replacement], [refused], found(2, 4)) == nil)
        #expect(flaw([put], [refused]) != nil, "refused for nothing")
    }

    // MARK: - Items

    private let offer = Step(0, .queue, .offer, 9, at: 1...2)

    private func take(_ client: UInt64, _ time: ClosedRange<UInt64>) -> Step {
        Step(client, .queue, .take, gives: 9, at: time)
    }

    private func finish(_ client: UInt64, _ time: ClosedRange<UInt64>) -> Step {
        Step(client, .queue, .finish, 9, at: time)
    }

    @Test
    func anItemThatIsLostOrDoneTwiceIsFound() {
        #expect(flaw([offer, take(1, 3...4), finish(1, 5...6)]) == nil)
        #expect(flaw([offer]) != nil, "it is lost")
        #expect(flaw([offer, take(1, 3...4)]) != nil, "nobody has done it")
        #expect(flaw([take(1, 3...4), finish(1, 5...6)]) != nil, "nobody has added it")
        #expect(
            flaw([offer, take(1, 3...4), finish(1, 7...8)], [take(2, 5...6), finish(2, 7...8)]) != nil, "two have it")
        #expect(
            flaw([offer, take(1, 3...4), finish(1, 5...6)], [take(2, 7...8), finish(2, 9...10)]) != nil, "done twice")
    }

    @Test
    func anItemThatComesBackIsGivenToAnother() {
        let other = [take(2, 9...10), finish(2, 11...12)]
        #expect(flaw([offer] + other, out: [take(1, 3...4)]) == nil)
        #expect(flaw([offer] + other, [take(1, 3...4)]) != nil, "it was not given back")
        #expect(flaw([offer] + other, [take(1, 3...4), Step(1, .queue, .giveBack, 9, at: 5...6)]) == nil)
        let unknown = Step(1, .queue, .finish, 9, from: 5)
        #expect(flaw([offer] + other, [take(1, 3...4), unknown]) == nil)
        #expect(flaw([offer], [take(1, 3...4), unknown]) == nil)
    }

    // MARK: - News

    private let messages = [
        Step(0, .topic, .publish, put: 1, at: 1...2), Step(0, .topic, .publish, put: 2, at: 3...4),
        Step(0, .topic, .publish, put: 3, at: 5...6),
    ]

    private func hears(_ news: UInt64..., from began: UInt64 = 1) -> [Step] {
        [Step(9, .topic, hears: news.map { ($0, version: 0) }, at: began...20)]
    }

    @Test
    func newsThatAreMissedOrInAnotherOrderAreFound() {
        #expect(flaw(messages, hears(1, 2, 3), hears(3, from: 5), out: hears(1, 2)) == nil)
        #expect(flaw(messages, hears(1, 3)) != nil, "one is missed")
        #expect(flaw(messages, hears(2, 3), hears(3)) != nil, "two are missed")
        #expect(flaw(messages, hears(1, 3, 2)) != nil, "what was said later comes first")
        #expect(flaw(messages, hears(1, 2, 2, 3)) != nil, "twice")
        #expect(flaw(messages, hears(1, 2, 3, 4)) != nil, "nobody has said that")
        #expect(
            flaw([messages[0]], [Step(9, .topic, hears: [(1, version: 0)], at: 0...0)]) != nil, "before it was said")
    }

    @Test
    func readersThatHearAnotherOrderAreFound() {
        let two = (1...2).map { Step(UInt64($0), .topic, .publish, put: UInt64($0), at: 1...9) }
        #expect(flaw(two, hears(1, 2), hears(1, 2)) == nil)
        #expect(flaw(two, hears(1, 2), hears(2, 1)) != nil)
        let three = two + [Step(3, .topic, .publish, put: 3, at: 1...9)]
        #expect(flaw(three, hears(1, 2), hears(3, 2)) != nil)
        #expect(flaw(three, hears(2, 1), hears(2, 3)) != nil)
    }

    @Test
    func aWatchOfAMapMissesNothing() {
        let puts = [
            Step(0, .map, .put, 7, put: 1, gives: 3, at: 1...2), Step(0, .map, .put, 8, put: 2, gives: 4, at: 3...4),
            Step(0, .map, .replace, 7, put: 5, replacing: 9, gives: 0, at: 5...6),
            Step(0, .map, .put, 7, put: 6, gives: 8, at: 7...8),
        ]
        func watch(_ news: [(UInt64, version: UInt64)]) -> [Step] { [Step(9, .map, hears: news, at: 1...20)] }
        #expect(flaw(puts, watch([(1, 3), (2, 4), (6, 8)])) == nil)
        #expect(flaw(puts, watch([(1, 3), (6, 8)])) != nil, "one is missed")
        #expect(flaw(puts, watch([(1, 3), (2, 2), (6, 8)])) != nil, "a version that does not grow")
        #expect(flaw(puts, watch([(1, 3), (2, 4), (5, 6), (6, 8)])) != nil, "that was not put")
    }
}
