import Testing

@testable import Lockstep

@Suite("A watch for slow members")
struct LagWatchTests {
    /// What each member has received, at a time, and who is behind then: the place, by how much, for how long.
    private typealias Step = (received: [UInt64], now: Int64, lags: [[Int64]])

    @Test func knowsWhoIsBehindAndSinceWhen() {
        let steps: [Step] = [
            ([0, 0, 0], 10, []),
            // One is ahead.
            ([5, 0, 0], 20, [[1, 5, 0], [2, 5, 0]]),
            ([5, 5, 0], 30, [[2, 5, 10]]),
            // Who does not move lacks what it lacked, however much there is to come.
            ([9, 9, 0], 50, [[2, 9, 30]]),
            ([9, 9, 4], 60, [[2, 5, 40]]),
            // It has what it lacked first, and lacks more: from now on.
            ([12, 12, 5], 70, [[2, 7, 0]]),
            ([12, 12, 5], 75, [[2, 7, 5]]),
            ([12, 12, 12], 80, []),
            // The last comes first.
            ([12, 20, 15], 90, [[0, 8, 0], [2, 5, 0]]),
            ([20, 20, 15], 91, [[2, 5, 1]]),
        ]
        var watch = LagWatch()
        for (received, now, lags) in steps {
            watch.note(received, at: now)
            #expect(watch.lags(at: now).map { [Int64($0.member), Int64($0.positions), $0.nanoseconds] } == lags)
        }
    }

    @Test func countsTheTimeUntilItIsAsked() {
        var watch = LagWatch()
        watch.note([3, 1], at: 100)
        #expect(watch.lags(at: 250).map(\.nanoseconds) == [150])
    }

    @Test func findsNobodyWhereNothingIsKnown() {
        #expect(LagWatch().lags(at: 5).isEmpty)
        var watch = LagWatch()
        watch.note([7], at: 1)
        #expect(watch.lags(at: 5).isEmpty)
    }
}

@Suite("A set of shards")
struct ShardSetTests {
    @Test func holdsEachShardOnceInTheOrderInWhichTheyCame() {
        var set = ShardSet()
        set.grow(to: 5)
        for shard in [3, 1, 3, 4, 1, 0] { set.insert(shard) }
        #expect(Array(set) == [3, 1, 4, 0])
    }

    @Test func takesNoShardThatItHasNoRoomFor() {
        var set = ShardSet()
        set.insert(0)
        set.grow(to: 2)
        set.grow(to: 1)
        set.insert(1)
        set.insert(2)
        #expect(Array(set) == [1])
    }

    @Test func forgetsWhatIsTakenOut() {
        var set = ShardSet()
        set.grow(to: 4)
        for shard in 0..<4 { set.insert(shard) }
        set.keep { $0 % 2 == 1 }
        #expect(Array(set) == [1, 3])
        set.insert(0)
        set.insert(3)
        #expect(Array(set) == [1, 3, 0])
        set.removeAll()
        #expect(Array(set).isEmpty)
        set.insert(3)
        #expect(Array(set) == [3])
    }
}
