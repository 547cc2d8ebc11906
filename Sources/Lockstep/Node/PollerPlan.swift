import CLockstep
import LockstepFabric

/// How many pollers a node has, and where they run. Each moves the messages of its share of the groups, and runs their
/// replicas; the memory of these groups lies near it.
///
/// Nodes of one cluster may have different plans.
public enum PollerPlan: Sendable, Hashable {
    /// One on each NUMA node whose memory and cores the process may use, of which the first is that of the RDMA device, if
    /// there is one; one in all where there is one NUMA node, and where Lockstep was built without the trait `NUMA`. There are
    /// as many as a power of two, and at most 8.
    case automatic
    /// So many, where the scheduler puts them: a power of two from 1 to 8.
    case count(Int)
    /// One on each of these NUMA nodes, by their numbers: as many as a power of two, from 1 to 8.
    case numaNodes([Int])
}

extension PollerPlan: CustomStringConvertible {
    /// The plan as it is written in a configuration.
    public var description: String {
        switch self {
        case .automatic: "automatic"
        case .count(let count): "count(\(count))"
        case .numaNodes(let nodes): "numaNodes(\(nodes.map(String.init).joined(separator: ", ")))"
        }
    }
}

extension PollerPlan {
    func check() throws(LockstepError) {
        let count =
            switch self {
            case .automatic: 1
            case .count(let count): count
            case .numaNodes(let nodes): Set(nodes).count == nodes.count ? nodes.count : 0
            }
        guard SharedMemoryRegion.isPollerCount(count) else {
            throw LockstepError(
                .invalidConfiguration,
                """
                `pollers` is \(self). Ask for 1, 2, 4 or 8 of them, or for one on each of as many NUMA nodes, none of them twice.
                """
            )
        }
    }

    /// Where the pollers run on this host.
    func homes(near device: Int?) throws(LockstepError) -> [PollerHome] {
        let usable = Self.usableNodes
        switch self {
        case .count(let count):
            return Array(repeating: PollerHome(), count: count)
        case .numaNodes(let nodes):
            if let missing = nodes.first(where: { !usable.contains($0) }) {
                throw LockstepError(
                    .unsupportedHost,
                    """
                    `pollers` asks for the NUMA node \(missing), and this process may use \
                    \(usable.isEmpty ? "none by name" : usable.map(String.init).joined(separator: ", ")). Choose others, or \
                    `.automatic`; `lockstep doctor` shows what there is.
                    """
                )
            }
            return nodes.map { PollerHome(numaNode: $0) }
        case .automatic:
            guard usable.count > 1 else { return [PollerHome()] }
            let nearest = usable.filter { $0 == device } + usable.filter { $0 != device }
            let count = (1...min(usable.count, Strand.count)).last { SharedMemoryRegion.isPollerCount($0) } ?? 1
            return nearest.prefix(count).map { PollerHome(numaNode: $0) }
        }
    }

    private static var usableNodes: [Int] {
        var nodes = [Int32](repeating: 0, count: 64)
        let count = lockstep_numa_usable(&nodes, Int32(nodes.count))
        return nodes.prefix(Int(count)).map { Int($0) }
    }
}

extension NodeConfiguration {
    /// The NUMA node of the RDMA device that the node is going to use, if it will use one.
    var deviceNUMANode: Int? {
        let choice: RDMAChoice?
        switch fabric {
        case .verbs(let device, let port, _):
            choice = try? RDMAChoice(among: RDMAPort.all(), device: device, port: port, reachedAt: listen?.host)
        case .auto where listen != nil:
            choice = try? RDMAChoice(among: RDMAPort.all(), reachedAt: listen?.host)
        case .auto, .sharedMemory, .tcp:
            choice = nil
        }
        return choice?.port.numaNode
    }
}
