import LockstepCoordination
import LockstepProtocol

/// Who uses the primitives in one simulated cluster, and what happens to them, drawn from the seed.
struct CoordinationScenario: Sendable {
    /// Something that happens to a client at a time.
    enum Event: Sendable {
        case dies
        /// Nothing gets to it or from it.
        case isCut(Int64)
        case pauses(Int64)
    }

    struct Timed: Sendable {
        let time: Int64
        let client: Int
        let event: Event
    }

    /// What users do.
    enum Errand: CaseIterable, Sendable {
        case lock
        case readWrite
        case semaphore
        case election
        case barrier
        case doubleBarrier
        case latch
        case queue
        case counter
        case register
        case map
        case topic
    }

    /// For how long what a silent member holds is kept for it, by the simulated clock.
    let grace: Int64
    let sessionTimeout: Int64
    let clientCount: Int
    let usersPerMember: Int
    let usersPerClient: Int
    /// What the users of this run do, one errand chosen at a time.
    let errands: [Errand]
    /// How many things of each kind there are.
    let keyCount: Int
    /// How many publications a replica keeps.
    let changesKept: Int
    /// Between two errands; things are held for twice as long.
    let longestPause: Int
    /// How many meet at a barrier, and whether all are turned away when one of them goes.
    let parties: Int
    let breaks: Bool
    var events: [Timed] = []

    init(_ random: inout SeededRandom, cluster: ClusterScenario) {
        let timeout = cluster.settings.timeout
        grace = Int64(random.pick([2, 3, 5])) * timeout
        // A tenth of a second is the least.
        sessionTimeout = Int64(random.pick([10_000, 15_000, 30_000]))
        clientCount = random.pick([0, 1, 2, 3])
        usersPerMember = random.pick([1, 1, 2, 3])
        usersPerClient = random.pick([1, 2])
        let kinds = random.shuffled(Errand.allCases)
        errands = Array(kinds.prefix(random.pick([1, 1, 2, 3, 12])))
        keyCount = random.pick([1, 1, 2])
        changesKept = random.pick([4, 64, 1024])
        longestPause = random.pick([1_000, 4_000, 12_000])
        parties = random.pick([2, 2, 3])
        breaks = random.oneIn(2)
        drawEvents(&random, cluster.healTime)
    }

    private mutating func drawEvents(_ random: inout SeededRandom, _ end: Int64) {
        guard clientCount > 0 else { return }
        for _ in 0..<random.pick([0, 1, 2, 4]) {
            let duration = Int64(random.pick([random.pick(100...3_000), random.pick(3_000...40_000)]))
            let event = random.pick([Event.dies, .isCut(duration), .isCut(duration), .pauses(duration)])
            events.append(
                Timed(
                    time: Int64(random.pick(0...Int(end) - 1)), client: random.pick(0...clientCount - 1), event: event))
        }
    }
}

extension ClusterScenario {
    /// A cluster for coordination: everybody has both groups, and clocks go on, because holders rely on them.
    static func drawForCoordination(_ random: inout SeededRandom, faults: ClusterFaults) -> ClusterScenario {
        var scenario = draw(&random, faults: faults)
        scenario.shardSizes = CoordinationGroup.allCases.map { _ in .max }
        scenario.clocksStop = false
        scenario.events.removeAll { timed in
            if case .updates = timed.event { true } else { false }
        }
        return scenario
    }
}
