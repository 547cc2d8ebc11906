import Testing

@testable import LockstepFabric

@Suite("The promise to wake who parks")
struct ParkPromiseTests {
    @Test("is the echo of a number")
    func echo() {
        let (sleeper, other) = (End(), End())
        #expect(sleeper.park())
        #expect(!sleeper.maySleep)
        #expect(other.take(from: sleeper))
        #expect(!sleeper.take(from: other))
        #expect(sleeper.maySleep)
        #expect(other.takeWake())
        #expect(!other.takeWake(), "one wake-up for each number")
    }

    @Test("is used up by a wake-up, and given again for another number")
    func spent() {
        let (sleeper, other) = (End(), End())
        #expect(sleeper.park())
        #expect(other.take(from: sleeper))
        _ = sleeper.take(from: other)
        #expect(!sleeper.park(), "nothing has happened")
        _ = other.takeWake()
        sleeper.noteWake()
        #expect(sleeper.park())
        #expect(!sleeper.maySleep)
        #expect(other.take(from: sleeper))
        #expect(other.takeWake())
    }

    @Test("is made by parking too, so that two who sleep ask nothing of each other")
    func bothSleep() {
        let (first, second) = (End(), End())
        #expect(first.park())
        #expect(second.park())
        _ = first.take(from: second)
        _ = second.take(from: first)
        #expect(first.maySleep && second.maySleep)
    }

    @Test("is kept by who wakes: it says so first, and then wakes for certain")
    func kept() {
        let (sleeper, waking) = (End(), End())
        #expect(waking.park())
        _ = sleeper.take(from: waking)
        #expect(sleeper.park())
        #expect(sleeper.maySleep)
        #expect(waking.push(), "it must say that it is awake")
        #expect(!waking.push(), "once")
        #expect(waking.takeWake())
        _ = sleeper.take(from: waking)
        #expect(!sleeper.maySleep, "who is awake has to echo")
    }
}

/// One end, as an object.
private final class End {
    private var promise = ParkPromise()

    var maySleep: Bool { promise.maySleep }

    func park() -> Bool { promise.park() }
    func push() -> Bool { promise.push() }
    func takeWake() -> Bool { promise.takeWake() }
    func noteWake() { promise.noteWake() }
    func take(from other: End) -> Bool { promise.take(other.promise.word) }
}
