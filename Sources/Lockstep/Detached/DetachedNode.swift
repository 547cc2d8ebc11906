import LockstepFabric
import LockstepProtocol
import Logging

/// What replicas need of a node, where there is none: a simulation gives them what their group's order has, on one thread.
package final class DetachedNode {
    var poller: Poller { registry.pollers.first }
    let registry: GroupRegistry
    private let region: SharedMemoryRegion
    private let logger = Logger(label: "lockstep.detached") { _ in SwiftLogNoOpLogHandler() }

    /// - Throws: `FabricError` if this process has no memory for it.
    package init() throws {
        region = try SharedMemoryRegion(name: "lockstep-detached", size: SharedMemoryRegion.firstAllocation)
        let pollers = Pollers(region, homes: [PollerHome()])
        let configuration = NodeConfiguration(cluster: "detached", name: "detached", expecting: 1)
        let me = View.Member(
            name: configuration.name, rank: 0, incarnation: 0, processID: 0, regionSize: region.region.size,
            peer: Peer(0))
        registry = GroupRegistry(
            pollers: pollers, region: region,
            catalogueQueue: SendQueue(
                group: Catalogue.group, shard: Catalogue.shard, ringSize: 0, poller: pollers.first, region: region),
            calls: MemberCalls(pollers: pollers), view: { View(number: 1, members: [me], rank: 0) },
            configuration: configuration)
    }

    /// Where a replica publishes.
    func makeQueue(_ group: GroupID, changesKept: Int) -> SendQueue {
        registry.makeQueue(
            group, shard: Catalogue.shard + 1, on: poller, ringSize: 0, changesKept: changesKept)
    }

    /// A replica of this node.
    func makeReplica<Actor: ReplicatedActor>(
        of group: GroupID, _ queue: SendQueue, _ make: @escaping @Sendable (LockstepSystem) throws -> Actor
    ) throws -> ActorReplica<Actor> {
        let worker = EffectWorker(
            group: group, queue: queue, registry: registry, attemptsMax: 1, logger: logger, perform: { _, _ in })
        var options = GroupOptions()
        options.auditInterval = 0
        let makeActor: @Sendable () throws -> Actor = { [registry] in
            try make(LockstepSystem(registry, hosting: group, publishingTo: queue.changes))
        }
        return ActorReplica(
            try makeActor(), queue,
            EffectDriver(queue: queue, worker: worker, tasks: registry.pollers.executor(of: poller)),
            options: options, progress: poller.progress, logger: logger, make: makeActor)
    }
}
