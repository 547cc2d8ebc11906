import Glibc
import LockstepProtocol
import Synchronization

/// Many simulations, one for each seed, on all cores, up to the first that breaks a promise.
package struct SimulationCampaign: Sendable {
    private let seeds: Range<UInt64>
    private let runOne: @Sendable (UInt64) -> Outcome

    /// What came of one seed.
    package struct Outcome: Sendable {
        package let violation: Violation?
        package let deliveryCount: Int
        package let eventCount: Int
    }

    /// What came of a campaign.
    package struct Summary: Sendable {
        /// How many seeds were run.
        package var runCount = 0
        package var deliveryCount = 0
        package var eventCount = 0
        /// The failure with the least seed.
        package var failure: Failure?
    }

    /// A seed that breaks a promise, and which.
    package struct Failure: Sendable {
        package let seed: UInt64
        package let violation: Violation
    }

    private struct State {
        var summary = Summary()
        var nextSeed: UInt64
    }

    /// Runs of the ordered multicast.
    package init(seeds: Range<UInt64>, rules: Rules = .all) {
        self.init(seeds: seeds) { seed in
            let result = Simulation(seed: seed, rules: rules).run()
            return Outcome(
                violation: result.violation, deliveryCount: result.deliveryCount, eventCount: result.eventCount)
        }
    }

    /// Runs of a whole cluster, with faults.
    package init(seeds: Range<UInt64>, faults: ClusterFaults, rules: Rules = .all) {
        self.init(seeds: seeds) { seed in
            let result = ClusterSimulation(seed: seed, faults: faults, rules: rules).run()
            return Outcome(
                violation: result.violation, deliveryCount: result.deliveryCount, eventCount: result.eventCount)
        }
    }

    init(seeds: Range<UInt64>, runOne: @escaping @Sendable (UInt64) -> Outcome) {
        self.seeds = seeds
        self.runOne = runOne
    }

    /// Runs the seeds in order; `progress` hears now and then how many are done.
    ///
    /// Seeds are begun in order and finished once begun, so the failure found is that of the least seed.
    package func run(progress: @escaping @Sendable (Int) -> Void = { _ in }) async -> Summary {
        let worker = Worker(runOne: runOne, end: seeds.upperBound, state: State(nextSeed: seeds.lowerBound))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) {
                group.addTask { worker.run(progress) }
            }
        }
        return worker.summary
    }

    private final class Worker: Sendable {
        private static let progressInterval = 100

        private let runOne: @Sendable (UInt64) -> Outcome
        private let end: UInt64
        private let state: Mutex<State>

        init(
            runOne: @escaping @Sendable (UInt64) -> Outcome, end: UInt64, state: consuming sending State
        ) {
            self.runOne = runOne
            self.end = end
            self.state = Mutex(state)
        }

        var summary: Summary { state.withLock { $0.summary } }

        func run(_ progress: (Int) -> Void) {
            while let seed = takeSeed() {
                let done = note(runOne(seed), of: seed)
                if done % Self.progressInterval == 0 { progress(done) }
            }
        }

        private func takeSeed() -> UInt64? {
            state.withLock { state in
                guard state.nextSeed < end, state.summary.failure == nil else { return nil }
                defer { state.nextSeed += 1 }
                return state.nextSeed
            }
        }

        private func note(_ outcome: Outcome, of seed: UInt64) -> Int {
            state.withLock { state in
                state.summary.runCount += 1
                state.summary.deliveryCount += outcome.deliveryCount
                state.summary.eventCount += outcome.eventCount
                if let violation = outcome.violation, seed < state.summary.failure?.seed ?? .max {
                    state.summary.failure = Failure(seed: seed, violation: violation)
                }
                return state.summary.runCount
            }
        }
    }
}

extension Rules {
    /// The names of all rules that a simulation can do without.
    package static var names: [String] { all.names }

    /// The names of these rules.
    package var names: [String] { Rules.named.filter { contains($0.rule) }.map(\.name) }

    /// All rules but the one of this name, nil if there is none.
    package static func without(_ name: String) -> Rules? {
        named.first { $0.name == name }.map { Rules.all.subtracting($0.rule) }
    }
}
