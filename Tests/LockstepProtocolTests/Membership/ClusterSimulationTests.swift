import LockstepProtocol
import LockstepTesting
import Testing

@Suite("The membership in simulation")
struct ClusterSimulationTests {
    @Test("keeps its promises through every fault", arguments: 0..<4)
    func allPromisesKept(part: UInt64) {
        for seed in 1 + part * 10..<1 + (part + 1) * 10 {
            let violation = ClusterSimulation(seed: seed).run().violation
            #expect(violation == nil, "seed \(seed): lockstep sim --faults all --replay \(seed)")
        }
    }

    @Test("keeps its promises with one fault at a time", arguments: ClusterFaults.named.map(\.name))
    func singleFaults(name: String) throws {
        let fault = try #require(ClusterFaults.named.first { $0.name == name }).fault
        for seed in 1...3 as ClosedRange<UInt64> {
            let violation = ClusterSimulation(seed: seed, faults: fault).run().violation
            #expect(violation == nil, "seed \(seed): lockstep sim --faults \(name) --replay \(seed)")
        }
    }

    /// The seeds that `docs/membership.md` names.
    static let brokenRules: [(name: String, seed: UInt64)] = [
        ("hearing", 1893), ("stop", 11), ("majority", 4), ("wedge", 1), ("promise", 969), ("adopt", 2634),
        ("quorum", 19), ("trim", 1), ("same-ballot", 111), ("drop", 1), ("resend", 1), ("slots", 1), ("transfer", 1),
        ("channel", 81), ("grant", 3570), ("query", 7), ("holder", 6371), ("votes", 17), ("few", 1063),
        ("ahead", 559_695),
    ]

    @Test("fails without any of its rules", arguments: brokenRules)
    func everyRuleIsNeeded(name: String, seed: UInt64) throws {
        let rules = try #require(Rules.without(name))
        #expect(ClusterSimulation(seed: seed, rules: rules).run().violation != nil)
        #expect(ClusterSimulation(seed: seed).run().violation == nil)
    }

    @Test("passes what early versions failed", arguments: [391, 662, 6876, 2_102_826, 3_000_500] as [UInt64])
    func formerFailures(seed: UInt64) {
        #expect(ClusterSimulation(seed: seed).run().violation == nil)
    }

    @Test("has a seed for every rule")
    func everyRuleHasItsSeed() {
        #expect(Set(Self.brokenRules.map(\.name)) == Set(Rules.membership.names))
    }

    @Test("changes nothing where nothing happens")
    func noFaults() {
        for seed in 1...5 as ClosedRange<UInt64> {
            let result = ClusterSimulation(seed: seed, faults: []).run()
            #expect(result.violation == nil)
            #expect(result.viewCount == 1)
        }
    }

    @Test("does the same again for the same seed", arguments: [1, 42] as [UInt64])
    func tracesRepeat(seed: UInt64) {
        let first = ClusterSimulation(seed: seed, isTraced: true).run()
        #expect(first.trace == ClusterSimulation(seed: seed, isTraced: true).run().trace)
    }

    @Test("changes views, and ends with a majority, in most runs")
    func runsAreWorthIt() {
        let results = (1...20 as ClosedRange<UInt64>).map { ClusterSimulation(seed: $0).run() }
        #expect(results.count(where: \.hadMajority) > 12)
        #expect(results.contains { $0.viewCount > 5 })
        #expect(results.reduce(0) { $0 + $1.deliveryCount } > 500)
    }
}
