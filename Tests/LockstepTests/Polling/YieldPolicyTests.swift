import Testing

@testable import Lockstep

@Suite("A thread that shares its core")
struct YieldPolicyTests {
    private static let long = YieldPolicy.waitLimit + 1

    @Test func givesWaySomeTimesAfterWork() {
        var policy = YieldPolicy()
        #expect(yields(of: &policy) == 0)
        policy.noteWork()
        #expect(yields(of: &policy) == YieldPolicy.yieldsMax)
        policy.noteWork()
        #expect(yields(of: &policy) == YieldPolicy.yieldsMax)
    }

    @Test func parksForAWhileWhenOthersHaveTheCoreTwiceInARow() {
        var policy = YieldPolicy()
        policy.noteWork()
        policy.note(wait: Self.long, until: 0)
        policy.note(wait: YieldPolicy.waitLimit, until: 0)
        policy.note(wait: Self.long, until: 0)
        #expect(yields(of: &policy) == YieldPolicy.yieldsMax)
        policy.note(wait: Self.long, until: 100)
        policy.noteWork()
        #expect(yields(of: &policy, at: 99 + YieldPolicy.backoffMin) == 0)
        #expect(yields(of: &policy, at: 100 + YieldPolicy.backoffMin) == YieldPolicy.yieldsMax)
    }

    @Test func parksForLongerTheLongerItIsSo() {
        var policy = YieldPolicy()
        policy.note(wait: Self.long, until: 0)
        var now: Int64 = 0
        var expected = YieldPolicy.backoffMin
        for _ in 0..<10 {
            policy.note(wait: Self.long, until: now)
            policy.noteWork()
            #expect(yields(of: &policy, at: now + expected - 1) == 0)
            #expect(yields(of: &policy, at: now + expected) == YieldPolicy.yieldsMax)
            now += expected
            expected = min(2 * expected, YieldPolicy.backoffMax)
        }
        #expect(expected == YieldPolicy.backoffMax)
    }

    @Test func beginsAnewWhenItWasUndisturbedForAMoment() {
        var policy = YieldPolicy()
        for _ in 0..<10 { policy.note(wait: Self.long, until: 0) }
        let moment = YieldPolicy.backoffMax + YieldPolicy.undisturbedMin
        // Short waits before that change nothing, but that two long ones in a row are needed.
        policy.note(wait: 0, until: moment - 1)
        policy.note(wait: Self.long, until: moment - 1)
        policy.note(wait: Self.long, until: moment - 1)
        let again = moment - 1 + YieldPolicy.backoffMax
        policy.noteWork()
        #expect(yields(of: &policy, at: again - 1) == 0)
        #expect(yields(of: &policy, at: again) == YieldPolicy.yieldsMax)
        policy.noteWork()
        policy.note(wait: 0, until: again + YieldPolicy.undisturbedMin)
        policy.note(wait: Self.long, until: 0)
        policy.note(wait: Self.long, until: 0)
        #expect(yields(of: &policy, at: YieldPolicy.backoffMin - 1) == 0)
        #expect(yields(of: &policy, at: YieldPolicy.backoffMin) == YieldPolicy.yieldsMax)
    }

    /// How often it gives way.
    private func yields(of policy: inout YieldPolicy, at now: Int64 = 0) -> Int {
        var count = 0
        while policy.mayYield(at: now) { count += 1 }
        return count
    }
}
