import LockstepProtocol

/// A run of a whole cluster whose replicas are those of the primitives of coordination, with members and clients that use
/// them through every fault, decided by a seed alone.
///
/// Users are what tasks are where there are nodes: they ask, wait for their turn, give back, and give up what they may not
/// have any more. What they do and are told is recorded in simulated time, and compared with what the primitives promise.
package struct CoordinationSimulation {
    private let simulation: ClusterSimulation

    /// - Parameter flaw: Something to make wrong, to see that the checkers notice.
    package init(seed: UInt64, faults: ClusterFaults = .all, flaw: CoordinationFlaw? = nil, isTraced: Bool = false) {
        simulation = ClusterSimulation(seed: seed, isTraced: isTraced) { random in
            .drawForCoordination(&random, faults: faults)
        } service: { random, cluster in
            try CoordinationService(CoordinationScenario(&random, cluster: cluster), flaw: flaw)
        }
    }

    /// Runs it to the end, or to the first broken promise.
    package func run() -> ClusterSimulation.Result { simulation.run() }
}

extension SimulationCampaign {
    /// Runs of coordination, with faults.
    package init(seeds: Range<UInt64>, coordinationWith faults: ClusterFaults, flaw: CoordinationFlaw? = nil) {
        self.init(seeds: seeds) { seed in
            let result = CoordinationSimulation(seed: seed, faults: faults, flaw: flaw).run()
            return Outcome(
                violation: result.violation, deliveryCount: result.deliveryCount, eventCount: result.eventCount)
        }
    }
}
