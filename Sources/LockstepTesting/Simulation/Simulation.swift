import LockstepProtocol

/// A run of the ordered multicast under everything that its fabric may do to it, decided by a seed alone.
///
/// First messages are sent while links are slow and tear pushes, nodes pause and readers lag. Then the faults
/// end, and everything that was sent must be delivered everywhere, and all nodes must come to rest.
package struct Simulation {
    private let seed: UInt64
    private let rules: Rules
    private let isTraced: Bool
    private let losesWakes: Bool

    /// What came of it.
    package struct Result: Sendable {
        package let seed: UInt64
        package let scenario: Scenario
        /// The first broken promise, nil if all were kept.
        package let violation: Violation?
        package let deliveryCount: Int
        package let eventCount: Int
        /// In nanoseconds of virtual time.
        package let duration: Int64
        /// Empty unless asked for.
        package let trace: [String]
    }

    /// Without some of the rules, or on a fabric that loses wake-ups, to see that the checkers notice.
    package init(seed: UInt64, rules: Rules = .all, losesWakes: Bool = false, isTraced: Bool = false) {
        self.seed = seed
        self.losesWakes = losesWakes
        self.rules = rules
        self.isTraced = isTraced
    }

    /// Runs it to the end, or to the first broken promise.
    package func run() -> Result {
        var random = SeededRandom(seed: seed)
        let scenario = Scenario.draw(&random)
        let trace = SimulationTrace(isOn: isTraced)
        let world = SimulatedWorld(scenario, rules: rules, random: SharedRandom(random), trace: trace)
        defer { world.dissolve() }
        world.network.losesWakes = losesWakes
        describe(scenario, in: trace)
        schedule(scenario, in: world)
        let violation = runToRest(scenario, world)
        trace.note(at: world.clock.now, violation.map { "\($0)" } ?? "all is delivered, and everybody rests")
        return Result(
            seed: seed, scenario: scenario, violation: violation,
            deliveryCount: world.groups.reduce(0) { $0 + $1.deliveryCount },
            eventCount: world.clock.eventCount, duration: world.clock.now, trace: trace.lines
        )
    }

    private func describe(_ scenario: Scenario, in trace: SimulationTrace) {
        trace.note(at: 0, "\(scenario)")
        for (number, group) in scenario.groups.enumerated() {
            trace.note(at: 0, "group \(number): \(group)")
        }
    }

    // MARK: - Phases

    private func schedule(_ scenario: Scenario, in world: SimulatedWorld) {
        for burst in scenario.bursts {
            let node = world.nodes[scenario.groups[burst.group].nodes[burst.member]]
            world.clock.schedule(at: burst.time) { node.queue(burst.sizes, group: burst.group) }
        }
        for pause in scenario.pauses {
            let node = world.nodes[pause.node]
            world.clock.schedule(at: pause.time) { node.pause(until: pause.time + pause.duration) }
        }
        world.clock.schedule(at: scenario.healTime) { [unowned world] in Self.heal(world) }
        for node in world.nodes { node.start() }
    }

    /// From here on nothing goes wrong any more.
    private static func heal(_ world: SimulatedWorld) {
        world.trace.note(at: world.clock.now, "all faults end")
        world.network.delays = SimulatedNetwork.Delays()
        for node in world.nodes { node.pace = .calm }
    }

    private func runToRest(_ scenario: Scenario, _ world: SimulatedWorld) -> Violation? {
        let eventMax = Self.eventMax(scenario)
        var healedCount = 0
        while world.violation == nil, world.clock.runNext() {
            if world.clock.now >= scenario.healTime { healedCount += 1 }
            if healedCount > eventMax {
                return Violation(.rest, "Nodes were still busy \(eventMax) events after all faults ended.")
            }
        }
        return world.violation ?? missing(world)
    }

    private func missing(_ world: SimulatedWorld) -> Violation? {
        for group in world.groups {
            let isDone = group.scenario.nodes.allSatisfy { world.nodes[$0].isDone(group: group.number) }
            do throws(Violation) { try group.finish(isDone: isDone) } catch { return error.inGroup(group.number) }
        }
        return nil
    }

    /// How many events may follow the end of all faults: enough for every message to go round by itself.
    private static func eventMax(_ scenario: Scenario) -> Int {
        let turnsPerMessage = 8 * scenario.nodeCount * scenario.nodeCount
        return 2_000 + scenario.messageCount * turnsPerMessage + scenario.memberCount * 100
    }
}
