import Synchronization
import Testing

@testable import Lockstep

/// Whether it may spin here depends on the host, and on who has its cores: the tests ask for what is true anyway.
@Suite("A spinner")
struct SpinnerTests {
    @Test func withoutWorkParksAndOwnsNothing() {
        var spinner = Spinner()
        for _ in 0..<100 {
            let mayTurn = spinner.mayTurnAgain()
            #expect(!mayTurn)
        }
        let (core, parkLimit) = (spinner.core, spinner.parkLimit)
        #expect(core == nil && parkLimit == nil)
    }

    @Test func spinsOnlyOnACoreThatItOwns() {
        var spinner = Spinner()
        for _ in 0..<100 {
            spinner.noteWork()
            var turns = 0
            while spinner.mayTurnAgain(), spinner.core == nil { turns += 1 }
            let (core, parkLimit) = (spinner.core, spinner.parkLimit)
            #expect(turns <= YieldPolicy.yieldsMax)
            #expect((core == nil) == (parkLimit == nil))
        }
    }

    @Test func parksAtLastAndLeavesTheCoresOfTheThreadAsTheyWere() {
        let cores = CoreSet.ofThisThread
        var spinner = Spinner()
        spinner.noteWork()
        while spinner.mayTurnAgain() {}
        #expect(CoreSet.ofThisThread == cores)
        spinner.release()
        #expect(CoreSet.ofThisThread == cores)
        let (core, parkLimit) = (spinner.core, spinner.parkLimit)
        #expect(core == nil && parkLimit == nil)
    }

    @Test func neverSharesACoreWithAnother() {
        var first = Spinner()
        var second = Spinner()
        first.noteWork()
        second.noteWork()
        _ = first.mayTurnAgain()
        _ = second.mayTurnAgain()
        let cores = [first.core, second.core].compactMap(\.self)
        #expect(Set(cores).count == cores.count)
        first.release()
        second.release()
    }

    /// It gives way a few times, and then parks.
    @Test func needsMoreThanOneCoreToSpin() throws {
        let turns = Mutex(Int.max)
        // A thread of its own, which starts no others: they would be pinned too.
        let thread = try BlockingThread(name: "pinned") {
            guard CoreSet.pinThisThread(to: CoreSet.current) else { return }
            var spinner = Spinner()
            spinner.noteWork()
            var count = 0
            while spinner.mayTurnAgain() { count += 1 }
            let (answer, core) = (count, spinner.core)
            turns.withLock { $0 = core == nil ? answer : .max }
        }
        thread.finish()
        #expect(turns.withLock { $0 } <= YieldPolicy.yieldsMax)
    }
}
