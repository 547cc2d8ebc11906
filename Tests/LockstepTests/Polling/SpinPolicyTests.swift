import Testing

@testable import Lockstep

private let microsecond: Int64 = 1000
private let millisecond: Int64 = 1_000_000
private let second: Int64 = 1_000_000_000

/// A policy with a clock and a count of lost time that the test moves.
private final class Bench {
    var policy = SpinPolicy()
    var now = 500 * second
    var lost = 7 * second

    func step(after time: Int64 = 0, hasWorked: Bool = false) -> SpinPolicy.Step {
        now += time
        return policy.step(at: now, hasWorked: hasWorked)
    }

    /// Works, and owns a core if the policy wants one.
    func own(after time: Int64 = 0) -> Bool {
        guard step(after: time, hasWorked: true) == .claim else { return false }
        policy.own(lost: lost, at: now)
        return true
    }

    func sample(after time: Int64, losing lostMeanwhile: Int64) -> Bool {
        now += time
        lost += lostMeanwhile
        return policy.sample(lost: lost, at: now)
    }

    /// Owns a core, for some time, and is then disturbed.
    func isDisturbed(afterOwning time: Int64 = 0) {
        #expect(own())
        #expect(!sample(after: time, losing: SpinPolicy.lostForgiven + time / SpinPolicy.lostShare + 1))
    }

    /// How long the policy wants no core after it has just lost one.
    func backoff() -> Int64 {
        let start = now
        while step(hasWorked: true) == .park { now += millisecond }
        return now - start
    }
}

@Suite("When a poller spins")
struct SpinPolicyTests {
    @Test func withoutWorkItParks() {
        let bench = Bench()
        for _ in 0..<3 { #expect(bench.step(after: second) == .park) }
        #expect(bench.policy.idleDeadline == nil)
    }

    @Test func workMakesItClaimACore() {
        let bench = Bench()
        #expect(bench.step(hasWorked: true) == .claim)
        bench.policy.own(lost: 0, at: bench.now)
        #expect(bench.step() == .spin)
    }

    @Test(
        arguments: [
            (0, .spin), (99 * microsecond, .spin), (100 * microsecond, .park), (second - 1, .park), (second, .giveBack),
        ] as [(Int64, SpinPolicy.Step)])
    func itSpinsForABoundedTimeAfterTheLastWork(_ time: Int64, _ step: SpinPolicy.Step) {
        let bench = Bench()
        #expect(bench.own())
        #expect(bench.step(after: time) == step)
    }

    @Test func moreWorkProlongsIt() {
        let bench = Bench()
        #expect(bench.own())
        for _ in 0..<10 {
            #expect(bench.step(after: 90 * microsecond, hasWorked: true) != .park)
            #expect(bench.sample(after: 0, losing: 0))
            #expect(bench.step(after: 90 * microsecond) == .spin)
        }
        #expect(bench.step(after: 10 * microsecond) == .park)
    }

    @Test func aWakeUpWithoutWorkDoesNotProlongIt() {
        let bench = Bench()
        #expect(bench.own())
        #expect(bench.step(after: millisecond) == .park)
        #expect(bench.step(after: millisecond) == .park)
        #expect(bench.step(after: millisecond, hasWorked: true) == .sample)
    }

    @Test func itLooksAtTheLostTimeNowAndThen() {
        let bench = Bench()
        #expect(bench.own())
        var samples = 0
        for _ in 0..<1000 where bench.step(after: 10 * microsecond, hasWorked: true) == .sample {
            #expect(bench.sample(after: 0, losing: 0))
            samples += 1
        }
        #expect(samples == 100)
    }

    @Test func anIdleCoreIsGivenBackAndClaimedAgainAtOnce() {
        let bench = Bench()
        #expect(bench.own())
        #expect(bench.policy.idleDeadline == bench.now + second)
        #expect(bench.step(after: millisecond) == .park)
        #expect(bench.step(after: second - millisecond) == .giveBack)
        #expect(bench.policy.idleDeadline == nil)
        #expect(bench.step(after: second) == .park)
        #expect(bench.own(after: second))
    }

    @Test(
        arguments: [
            // Time between two looks, time lost in each, whether that lasts for a hundred looks.
            (100 * microsecond, 0, true),
            (second, 0, true),
            (second, 20 * millisecond, true),
            (10 * millisecond, 100 * microsecond, true),
            (millisecond, 20 * microsecond, true),
            (10 * millisecond, 500 * microsecond, false),
            (8 * millisecond, 4 * millisecond, false),
            (100 * microsecond, 200 * microsecond, false),
            (10 * second, second, false),
        ] as [(Int64, Int64, Bool)])
    func littleLostTimeIsForgiven(_ time: Int64, _ lost: Int64, _ lasts: Bool) {
        let bench = Bench()
        #expect(bench.own())
        var looks = 0
        while looks < 100, bench.sample(after: time, losing: lost) { looks += 1 }
        #expect((looks == 100) == lasts)
    }

    @Test func moreAtOnceIsForgivenOnce() {
        let bench = Bench()
        #expect(bench.own())
        #expect(bench.sample(after: 10 * second, losing: 0))
        #expect(bench.sample(after: microsecond, losing: 10 * millisecond))
        #expect(!bench.sample(after: microsecond, losing: microsecond))
    }

    @Test func aDisturbedThreadParksAndBacksOff() {
        let bench = Bench()
        bench.isDisturbed()
        #expect(bench.policy.idleDeadline == nil)
        #expect(bench.step(hasWorked: true) == .park)
        #expect(bench.step(after: 9 * millisecond, hasWorked: true) == .park)
        #expect(bench.step(after: millisecond) == .park, "there was no work since it parked")
        #expect(bench.step(hasWorked: true) == .claim)
    }

    @Test func theBackoffDoublesUpToASecond() {
        let bench = Bench()
        for wanted in [10, 20, 40, 80, 160, 320, 640, 1000, 1000] as [Int64] {
            bench.isDisturbed()
            #expect(bench.backoff() == wanted * millisecond)
        }
    }

    @Test func soItDoesWhenAllCoresAreTaken() {
        let bench = Bench()
        for wanted in [10, 20, 40] as [Int64] {
            #expect(bench.step(hasWorked: true) == .claim)
            bench.policy.backOff(at: bench.now)
            #expect(bench.backoff() == wanted * millisecond)
        }
    }

    @Test(arguments: [(second - 1, 80), (second, 10), (3 * second, 10)] as [(Int64, Int64)])
    func owningACoreForASecondResetsIt(_ time: Int64, _ wanted: Int64) {
        let bench = Bench()
        for _ in 0..<3 {
            bench.isDisturbed()
            _ = bench.backoff()
        }
        bench.isDisturbed(afterOwning: time)
        #expect(bench.backoff() == wanted * millisecond)
    }

    @Test func afterReleaseACoreMayBeClaimedAgain() {
        let bench = Bench()
        #expect(bench.own())
        bench.policy.end(at: bench.now)
        #expect(bench.policy.idleDeadline == nil)
        #expect(bench.step() == .claim)
    }
}
