import LockstepFabric
import LockstepProtocol

/// All nodes of a simulation, with the time and the chance that they share.
package final class SimulatedWorld {
    let clock = VirtualClock()
    let random: SharedRandom
    let network: SimulatedNetwork
    let fabrics: [SimulatedFabric]
    let groups: [SimulatedGroup]
    let trace: SimulationTrace
    private(set) var nodes: [SimulatedNode] = []
    /// The first thing that went wrong.
    private(set) var violation: Violation?

    init(_ scenario: Scenario, rules: Rules, random: SharedRandom, trace: SimulationTrace) {
        self.random = random
        self.trace = trace
        network = SimulatedNetwork(
            nodeCount: scenario.nodeCount, clock: clock, random: random, delays: scenario.delays,
            isCoherent: scenario.isCoherent
        )
        fabrics = (0..<scenario.nodeCount).map { [network] in
            SimulatedFabric(
                me: $0, nodeCount: scenario.nodeCount, regionSize: scenario.regionSize, network: network
            )
        }
        network.connect(fabrics)
        groups = scenario.groups.enumerated().map { SimulatedGroup(number: $0, scenario: $1) }
        fillMemory(scenario)
        nodes = scenario.paces.indices.map { index in
            makeNode(index, scenario.paces[index], scenario.writings[index], rules)
        }
    }

    func report(_ violation: Violation) {
        if self.violation == nil { self.violation = violation }
    }

    /// Cuts what holds itself in circles.
    func dissolve() {
        clock.stop()
        network.disconnect()
        fabrics.forEach { $0.onWake = {} }
        nodes = []
    }

    // MARK: - The start

    private func makeNode(
        _ index: Int, _ pace: Scenario.Pace, _ writing: Scenario.Writing, _ rules: Rules
    ) -> SimulatedNode {
        let shards = groups.compactMap { group in
            group.scenario.nodes.firstIndex(of: index).map {
                SimulatedShard(
                    group: group, member: $0, fabric: fabrics[index], writing: writing, clock: clock, random: random,
                    rules: rules
                )
            }
        }
        return SimulatedNode(index: index, fabric: fabrics[index], shards: shards, pace: pace, world: self)
    }

    private func fillMemory(_ scenario: Scenario) {
        guard scenario.leftovers != .zeroes else { return }
        for group in scenario.groups {
            let writer = LeftoverWriter(group: group, random: random)
            for member in group.members { fill(member, with: writer, scenario.leftovers) }
        }
    }

    /// An earlier view left the same everywhere; noise is another in each copy.
    private func fill(
        _ member: ShardLayout.Member, with writer: LeftoverWriter, _ leftovers: Scenario.Leftovers
    ) {
        let owner = fabrics[member.peer.index]
        let copies = fabrics.filter { $0 !== owner }.map { $0.copy(of: member.peer) }
        switch leftovers {
        case .zeroes: break
        case .lastView:
            writer.writeLastView(of: member, into: owner.memory)
            copies.forEach { $0.copy(owner.memory) }
        case .garbage:
            for memory in [owner.memory] + copies { writer.writeGarbage(of: member, into: memory) }
        }
    }
}

/// What happened in a simulation, line by line, if anybody wants to know.
package final class SimulationTrace {
    private(set) package var lines: [String] = []
    private let isOn: Bool

    package init(isOn: Bool) { self.isOn = isOn }

    /// Something that a node did, at a virtual time.
    func note(_ node: Int, at time: Int64, _ text: @autoclosure () -> String) {
        if isOn { lines.append("\(Self.padded(time)) ns  node \(node)  \(text())") }
    }

    func note(at time: Int64, _ text: @autoclosure () -> String) {
        if isOn { lines.append("\(Self.padded(time)) ns  \(text())") }
    }

    private static func padded(_ time: Int64) -> String {
        let digits = String(time)
        return String(repeating: " ", count: max(0, 9 - digits.count)) + digits
    }
}
