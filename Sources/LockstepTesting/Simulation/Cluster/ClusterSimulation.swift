import DequeModule
import LockstepProtocol

/// A run of a whole cluster, membership and shards, through crashes, pauses, partitions, joins and leaves, decided by a
/// seed alone.
///
/// First everything may go wrong, and nothing that was promised may be broken. Then the faults end: if a majority of
/// the last view is alive, everybody must come together in one view, and all updates must be done.
package struct ClusterSimulation {
    private let seed: UInt64
    private let draw: @Sendable (inout SeededRandom) -> ClusterScenario
    private let rules: Rules
    private let isTraced: Bool
    /// Nil if the replicas only count.
    private var makeService: (@Sendable (inout SeededRandom, ClusterScenario) throws -> any ClusterService)?

    /// Without some of the rules, to see that the checkers notice.
    package init(seed: UInt64, faults: ClusterFaults = .all, rules: Rules = .all, isTraced: Bool = false) {
        self.seed = seed
        draw = { ClusterScenario.draw(&$0, faults: faults) }
        self.rules = rules
        self.isTraced = isTraced
    }

    /// A scenario that somebody wrote; the seed decides about everything else.
    package init(_ scenario: ClusterScenario, seed: UInt64 = 1, isTraced: Bool = false) {
        self.seed = seed
        draw = { _ in scenario }
        rules = .all
        self.isTraced = isTraced
    }

    /// A cluster whose replicas are somebody's.
    init(
        seed: UInt64, isTraced: Bool, draw: @escaping @Sendable (inout SeededRandom) -> ClusterScenario,
        service: @escaping @Sendable (inout SeededRandom, ClusterScenario) throws -> any ClusterService
    ) {
        (self.seed, self.isTraced, self.draw, makeService) = (seed, isTraced, draw, service)
        rules = .all
    }

    /// What came of it.
    package struct Result: Sendable {
        package let seed: UInt64
        package let scenario: ClusterScenario
        /// The first broken promise, nil if all were kept.
        package let violation: Violation?
        package let deliveryCount: Int
        package let eventCount: Int
        /// The number of the last view.
        package let viewCount: Int
        /// True if enough nodes were left to go on.
        package let hadMajority: Bool
        /// How much was done of what, if the replicas do more than count.
        package let counts: [String: Int]
        package let trace: [String]
    }

    /// Runs it to the end, or to the first broken promise.
    package func run() -> Result {
        var random = SeededRandom(seed: seed)
        let scenario = draw(&random)
        let trace = SimulationTrace(isOn: isTraced)
        let service: (any ClusterService)?
        do {
            service = try makeService?(&random, scenario)
        } catch {
            preconditionFailure("a simulation needs a little memory that can be shared: \(error)")
        }
        let world = ClusterWorld(scenario, rules: rules, random: SharedRandom(random), trace: trace, service: service)
        defer { world.dissolve() }
        trace.note(at: 0, "\(scenario)")
        let hadMajority = run(world)
        let violation = world.violation
        trace.note(at: world.clock.now, violation.map { "\($0)" } ?? "everybody is in one view, and all is done")
        return Result(
            seed: seed, scenario: scenario, violation: violation, deliveryCount: world.history.deliveryCount,
            eventCount: world.clock.eventCount, viewCount: Int(world.history.latest?.number ?? 1),
            hadMajority: hadMajority, counts: service?.counts ?? [:], trace: trace.lines)
    }

    /// How many timeouts everything may take after the faults have ended.
    private static let patience: Int64 = 60

    private func run(_ world: ClusterWorld) -> Bool {
        let scenario = world.scenario
        world.found()
        for timed in scenario.events {
            world.clock.schedule(at: timed.time) { [unowned world] in world.happen(timed.event) }
        }
        tick(world)
        runTo(scenario.healTime, world) { false }
        world.heal()
        // Who died shortly before may still be taken into a view, which then may have no majority.
        let settled = scenario.healTime + 2 * scenario.settings.timeout
        runTo(settled, world) { false }
        guard world.violation == nil, world.hasMajority else {
            world.finish(isAtRest: false)
            return false
        }
        let end = settled + Self.patience * scenario.settings.timeout
        if !runTo(end, world, until: { world.isAtRest }), world.violation == nil {
            world.report(
                Violation(.progress, "The faults have ended, and the cluster does not go on: \(world.summary)."))
        }
        world.finish(isAtRest: true)
        return true
    }

    private func tick(_ world: ClusterWorld) {
        world.clock.schedule(after: ClusterWorld.tickInterval) { [unowned world] in
            world.tick()
            self.tick(world)
        }
    }

    /// True if it came to what was waited for.
    @discardableResult
    private func runTo(_ end: Int64, _ world: ClusterWorld, until isDone: () -> Bool) -> Bool {
        var nextLook = world.clock.now
        while world.clock.now < end, world.violation == nil, world.clock.runNext() {
            guard world.clock.now >= nextLook else { continue }
            nextLook = world.clock.now + Int64(ClusterWorld.tickInterval)
            if isDone() { return true }
        }
        return false
    }
}

extension ClusterWorld {
    /// True if the cluster can go on: a majority is alive of the last view that a member knows, and of the last one that
    /// was decided, and with it somebody who has the state.
    fileprivate var hasMajority: Bool {
        let members = alive.filter(\.isMember)
        let known = members.compactMap(\.view).max { $0.number < $1.number }
        return [known, history.latest].allSatisfy { view in
            guard let view else { return false }
            let rest = members.filter { view.rank(of: $0.record) != nil }
            let isStateThere = rest.contains { $0.shards.first { $0.number == 0 }?.state != nil }
            return view.isMajority { member in rest.contains { $0.record == member } } && isStateThere
        }
    }

    fileprivate func finish(isAtRest: Bool) {
        guard violation == nil else { return }
        check { try service?.finish(isAtRest: isAtRest) }
    }

    /// Everybody is a member of one view, and there is nothing left to do.
    fileprivate var isAtRest: Bool {
        guard service?.isAtRest ?? true else { return false }
        let alive = alive
        guard let view = alive.first?.view, view.members.count == alive.count else { return false }
        return alive.allSatisfy { process in
            process.isMember && process.isFormed && process.view == view
                && process.shards.allSatisfy { shard in
                    let done = history.executedCount(of: process.record.incarnation, shard: shard.number)
                    return done >= process.wanted[shard.number] ?? 0
                        && shard.state.map { history.isComplete($0, shard: shard.number) } == true
                }
        }
    }

    fileprivate var summary: String {
        alive.map { process in
            let view = process.view.map { "view \($0.number) of \($0.names)" } ?? "no view"
            let waiting = process.waiting.values.reduce(0) { $0 + $1.count }
            let states = process.shards.map { $0.state?.count ?? 0 }
            return """
                \(process.name) is \(process.isMember ? "a member" : "no member") in \(view), \
                with \(waiting) updates waiting and \(states) done
                """
        }.joined(separator: ", ") + (service.map { "; \($0.summary)" } ?? "")
    }
}
