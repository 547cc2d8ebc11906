import Distributed
import LockstepFabric
import Logging
import ServiceLifecycle

/// This process as a member of a cluster: it hosts replicas and calls groups.
///
/// ```swift
/// let node = try await Node.join(NodeConfiguration(cluster: "warehouse", name: "a", expecting: 3))
/// let inventory = try await node.host("inventory") { Inventory(actorSystem: $0) }
/// try await inventory.receive(5, of: "bolt")
/// await node.leave()
/// ```
///
/// A node stays a member until ``leave()``, or until its process ends, whether or not anybody keeps it.
///
/// It is a `Service`: in a `ServiceGroup` it stays until the group shuts down, and leaves then.
public final class Node: Service, Sendable {
    /// Who is in the cluster.
    public let membership: Membership
    /// Resolves references to the groups that this node hosts.
    public let actorSystem: LockstepSystem
    private let registry: GroupRegistry
    private let logger: Logger

    private init(
        membership: Membership, registry: GroupRegistry, logger: Logger
    ) {
        self.membership = membership
        self.registry = registry
        self.logger = logger
        actorSystem = LockstepSystem(registry)
    }

    /// Finds the other nodes of the cluster and forms the first view with them.
    ///
    /// It returns on all nodes when all have come. If the task is cancelled, the others go on waiting.
    ///
    /// - Parameters:
    ///   - configuration: The cluster's name, this node's, and how many are expected.
    ///   - logger: Gets what happens to the membership, at `info` and below.
    /// - Throws: ``LockstepError``, whose message says how to mend it, or `CancellationError`.
    public static func join(
        _ configuration: NodeConfiguration,
        logger: Logger = Logger(label: "lockstep", factory: { _ in SwiftLogNoOpLogHandler() })
    ) async throws -> Node {
        try configuration.check()
        let region = try makeRegion(configuration)
        let (membership, fabric) = try await Membership.form(configuration, region: region, logger: logger)
        let poller = Poller(waker: region.waker)
        let view = membership.view
        try poller.start(on: fabric, view: view)
        await membership.watch { error in poller.run { $0.fail(error) } }
        logger.info("joined", metadata: ["view": "\(view)"])
        let registry = GroupRegistry(poller: poller, region: region, configuration: configuration)
        return Node(membership: membership, registry: registry, logger: logger)
    }

    /// The views of the cluster, beginning with the current one; each caller gets a sequence of its own.
    public var views: AsyncStream<View> { membership.views }

    /// Makes this node's replica of a group, and returns the handle to call the group.
    ///
    /// Every member hosts the group, in any order; calls wait until all of them do. The instance that `make` returns
    /// is nobody's but the group's: keep no reference to it.
    ///
    /// - Throws: ``LockstepError``, such as ``LockstepError/Code/schemaMismatch`` if another member hosts the group
    ///   with other methods.
    public func host<Replica: ReplicatedActor>(
        _ group: GroupID, _ make: @Sendable (LockstepSystem) throws -> Replica
    ) async throws -> Replica.Handle {
        try group.check()
        let channel = try registry.reserve(group, for: Replica.self)
        do {
            let system = LockstepSystem(registry, hosting: group)
            let replica = try make(system)
            guard replica.actorSystem === system, system.hasHosted else { throw Node.madeElsewhere(group) }
            try await channel.open { ActorReplica(replica) }
        } catch {
            channel.close(because: Node.notHosted(group))
            registry.release(group)
            throw error
        }
        registry.publish(channel)
        logger.debug("hosting", metadata: ["group": "\(group)"])
        return Replica.Handle(Group(channel))
    }

    /// Leaves the cluster: calls that wait fail, and the other members are told. Nothing happens the second time.
    public func leave() async {
        await membership.leave()
        await withCheckedContinuation { continuation in
            let isRunning = registry.poller.run { loop in
                loop.stop()
                continuation.resume()
            }
            if !isRunning { continuation.resume() }
        }
        registry.leave()
    }

    /// Stays until the service group shuts down, the task is cancelled or the node leaves, and leaves.
    public func run() async throws {
        await cancelWhenGracefulShutdown { [membership] in
            for await _ in membership.views {}
        }
        await leave()
    }

    private static func makeRegion(_ configuration: NodeConfiguration) throws(LockstepError) -> SharedMemoryRegion {
        do {
            try SharedMemoryFabric.checkKernel()
            let region = try SharedMemoryRegion(
                name: "lockstep-\(configuration.cluster)-\(configuration.name)", size: configuration.regionBytes
            )
            // The catalogue's part comes first in every region, so that all members know where it is.
            let place = try ShardPlace.allocate(in: region, ringSize: Catalogue.ringSize)
            precondition(place == .catalogue, "the first allocations of every region must be the catalogue's")
            return region
        } catch {
            throw LockstepError(.unsupportedHost, error.description, cause: error)
        }
    }

    private static func notHosted(_ group: GroupID) -> LockstepError {
        LockstepError(.groupNotHosted, "\"\(group)\" could not be hosted on this node; `node.host` threw why.")
    }

    private static func madeElsewhere(_ group: GroupID) -> LockstepError {
        LockstepError(
            .unsupported,
            "The replica of \"\(group)\" must be made with the actor system that the closure is given, and only one."
        )
    }
}
