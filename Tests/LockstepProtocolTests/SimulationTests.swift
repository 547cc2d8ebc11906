import LockstepProtocol
import LockstepTesting
import Testing

@Suite("The ordered multicast in simulation")
struct SimulationTests {
    @Test("keeps its promises whatever the fabric does", arguments: 0..<6)
    func allPromisesKept(part: UInt64) {
        for seed in 1 + part * 500..<1 + (part + 1) * 500 {
            let violation = Simulation(seed: seed).run().violation
            #expect(violation == nil, "seed \(seed): lockstep sim --replay \(seed)")
        }
    }

    @Test("fails without any of its rules", arguments: Rules.multicast.names)
    func everyRuleIsNeeded(name: String) throws {
        let rules = try #require(Rules.without(name))
        let seed = (1...50).first { Simulation(seed: $0, rules: rules).run().violation != nil }
        #expect(seed != nil, "no checker notices that the rule '\(name)' is gone")
    }

    @Test(
        "notices a rule that is gone for what it is",
        arguments: [
            ("order", .totalOrder), ("wake", .completeness),
        ] as [(String, Violation.Property)])
    func ruleAndProperty(name: String, property: Violation.Property) throws {
        let rules = try #require(Rules.without(name))
        let properties = (1...200).compactMap { Simulation(seed: $0, rules: rules).run().violation?.property }
        #expect(properties.contains(property))
    }

    @Test("does not go on when wake-ups are lost")
    func lostWakesAreNoticed() {
        let properties = (1...50).compactMap {
            Simulation(seed: $0, losesWakes: true).run().violation?.property
        }
        #expect(!properties.isEmpty)
        #expect(properties.allSatisfy { $0 == .completeness })
    }

    @Test("does the same again for the same seed", arguments: [1, 7, 4_711] as [UInt64])
    func tracesRepeat(seed: UInt64) {
        let first = Simulation(seed: seed, isTraced: true).run()
        let second = Simulation(seed: seed, isTraced: true).run()
        #expect(first.trace == second.trace)
        #expect(first.trace.count > 10)
        #expect(first.eventCount == second.eventCount)
    }

    @Test("does something else for another seed")
    func seedsDiffer() {
        let traces = [1, 2].map { Simulation(seed: $0, isTraced: true).run().trace }
        #expect(traces[0] != traces[1])
    }

    @Test("meets every kind of scenario")
    func scenariosDiffer() {
        let scenarios = (1...500 as ClosedRange<UInt64>).map { seed in
            var random = SeededRandom(seed: seed)
            return Scenario.draw(&random)
        }
        #expect(Set(scenarios.map(\.nodeCount)) == Set(1...7))
        #expect(Set(scenarios.map(\.groups.count)) == [1, 2, 3])
        #expect(Set(scenarios.map(\.leftovers)) == Set(Scenario.Leftovers.allCases))
        let groups = scenarios.flatMap(\.groups)
        #expect(groups.contains { $0.nodes.count == 7 && $0.senders.count == 7 })
        #expect(groups.contains { $0.nodes.count == 7 && $0.senders.count == 1 })
        #expect(groups.contains { $0.nullWindow == 0 } && groups.contains { $0.nullWindow == 64 })
        #expect(Set(groups.map(\.delivery)) == [.total, .senders])
        #expect(Set(scenarios.map(\.isCoherent)) == [false, true])
        let writings = scenarios.flatMap(\.writings)
        #expect(writings.contains { $0.holdMax > 0 && $0.abandonOneIn > 0 && $0.batchMax > 1 })
        #expect(writings.contains { $0.holdMax == 0 && $0.abandonOneIn == 0 && $0.batchMax == 1 })
    }

    @Test("is found by a campaign as the least seed that fails")
    func campaignFindsLeastSeed() async throws {
        let rules = try #require(Rules.without("push-order"))
        let expected = (1...100).first { Simulation(seed: $0, rules: rules).run().violation != nil }
        let summary = await SimulationCampaign(seeds: 1..<101, rules: rules).run()
        #expect(summary.failure?.seed == expected)
    }

    @Test("passes a campaign as a whole")
    func campaignCounts() async {
        let summary = await SimulationCampaign(seeds: 1..<41).run()
        #expect(summary.runCount == 40)
        #expect(summary.failure == nil)
        #expect(summary.deliveryCount > 0)
    }
}
