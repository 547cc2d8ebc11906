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
            let mayTurn = spinner.mayTurnAgain()
            let (core, parkLimit) = (spinner.core, spinner.parkLimit)
            #expect(core != nil || !mayTurn)
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

    @Test func needsMoreThanOneCoreToSpin() throws {
        let mayTurn = Mutex(true)
        // A thread of its own, which starts no others: they would be pinned too.
        let thread = try BlockingThread(name: "pinned") {
            guard CoreSet.pinThisThread(to: CoreSet.current) else { return }
            var spinner = Spinner()
            spinner.noteWork()
            let answer = spinner.mayTurnAgain()
            mayTurn.withLock { $0 = answer }
        }
        thread.finish()
        #expect(mayTurn.withLock { !$0 })
    }
}
