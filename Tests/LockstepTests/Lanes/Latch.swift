import LockstepFabric
import LockstepTesting
import Synchronization

@testable import Lockstep

/// Where updates wait until a test lets them go on, as a long computation would.
final class Latch: Sendable {
    private static let latches = Mutex<[String: Latch]>([:])

    private let isOpen = Atomic<Bool>(false)
    private let entered = Atomic<Int>(0)
    private let sleeper = LockstepFabric.Sleeper()

    /// The latch of a name that only one test uses.
    static func named(_ name: String) -> Latch {
        latches.withLock { latches in
            let latch = latches[name] ?? Latch()
            latches[name] = latch
            return latch
        }
    }

    func open() {
        isOpen.store(true, ordering: .sequentiallyConsistent)
        sleeper.wake()
    }

    /// Blocks the thread.
    func pass() {
        entered.wrappingAdd(1, ordering: .sequentiallyConsistent)
        while true {
            let wakes = sleeper.wakes
            if isOpen.load(ordering: .sequentiallyConsistent) { return }
            sleeper.sleep(since: wakes)
        }
    }

    /// Waits until so many have come.
    func waitForArrivals(_ count: Int) async {
        while entered.load(ordering: .sequentiallyConsistent) < count { await Task.yield() }
    }
}

/// An actor whose updates may take as long as a test wants.
@Replicated
distributed actor Slow {
    private var log: [Int] = []

    distributed func pass(_ latch: String) -> Int {
        block(latch)
        log.append(0)
        return log.count
    }

    distributed func append(_ number: Int) -> UInt64 {
        log.append(number)
        return context.version
    }

    @Query
    distributed func numbers() -> [Int] { log }
}

private func block(_ name: String) { Latch.named(name).pass() }

func inLane(_ change: (inout GroupOptions) -> Void = { _ in }) -> GroupOptions {
    var options = GroupOptions()
    options.execution = .lane
    change(&options)
    return options
}
