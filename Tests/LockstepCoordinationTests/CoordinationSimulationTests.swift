import LockstepTesting
import Testing

@Suite("Coordination in simulation")
struct CoordinationSimulationTests {
    @Test("keeps its promises through every fault", arguments: 0..<4)
    func allPromisesKept(part: UInt64) {
        for seed in 1 + part * 20..<1 + (part + 1) * 20 {
            let violation = CoordinationSimulation(seed: seed).run().violation
            #expect(violation == nil, "seed \(seed): lockstep sim --coordination --replay \(seed)")
        }
    }

    @Test("keeps its promises with one fault at a time", arguments: ClusterFaults.named.map(\.name))
    func singleFaults(name: String) throws {
        let fault = try #require(ClusterFaults.named.first { $0.name == name }).fault
        for seed in 1...3 as ClosedRange<UInt64> {
            let violation = CoordinationSimulation(seed: seed, faults: fault).run().violation
            #expect(violation == nil, "seed \(seed): lockstep sim --coordination --faults \(name) --replay \(seed)")
        }
    }

    /// What is wrong, a seed that shows it, and the promise that is broken.
    static let flaws: [(flaw: CoordinationFlaw, seed: UInt64, property: Violation.Property)] = [
        (.twoHolders, 1, .holders), (.sameToken, 1, .tokens), (.sameToken, 8, .leaders),
        (.newNumber, 16, .linearizability), (.newNumber, 104, .exactlyOnce), (.newNumber, 51, .items),
        (.partOfAll, 52, .generations), (.keptSession, 1, .progress), (.keptMember, 1, .progress),
        (.untold, 50, .holders), (.noGrace, 192, .linearizability), (.halfState, 1, .equalReplicas),
        (.earlyFinish, 3, .items), (.missedNews, 7, .news),
    ]

    @Test("fails with each of the flaws", arguments: flaws)
    func everyFlawIsFound(flaw: CoordinationFlaw, seed: UInt64, property: Violation.Property) {
        #expect(CoordinationSimulation(seed: seed, flaw: flaw).run().violation?.property == property)
        #expect(CoordinationSimulation(seed: seed).run().violation == nil)
    }

    @Test("has a seed for every flaw")
    func everyFlawHasItsSeed() {
        #expect(Set(Self.flaws.map(\.flaw)) == Set(CoordinationFlaw.allCases))
    }

    /// 483: a client was told again what it had read, by a member that was behind.
    @Test("passes what early versions failed", arguments: [483] as [UInt64])
    func formerFailures(seed: UInt64) {
        #expect(CoordinationSimulation(seed: seed).run().violation == nil)
    }

    @Test("does the same again for the same seed", arguments: [1, 42] as [UInt64])
    func tracesRepeat(seed: UInt64) {
        let first = CoordinationSimulation(seed: seed, isTraced: true).run()
        #expect(first.trace == CoordinationSimulation(seed: seed, isTraced: true).run().trace)
    }

    @Test("has members and clients do everything, and lose what they hold")
    func runsAreWorthIt() {
        let results = (1...60 as ClosedRange<UInt64>).map { CoordinationSimulation(seed: $0).run() }
        #expect(results.count(where: \.hadMajority) > 36)
        #expect(results.contains { $0.viewCount > 5 })
        let counts = results.reduce(into: [String: Int]()) { $0.merge($1.counts, uniquingKeysWith: +) }
        for (name, least) in [
            ("holds", 400), ("losses", 10), ("meetings", 20), ("items", 50), ("values", 100), ("news", 500),
            ("retries", 20),
        ] {
            #expect(counts[name] ?? 0 > least, "\(name)")
        }
    }
}
