import Distributed
import LockstepFabric
import LockstepProtocol
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
    private let tenure: Tenure
    private let logger: Logger

    private init(_ tenure: Tenure) {
        self.tenure = tenure
        membership = tenure.membership
        registry = tenure.registry
        logger = tenure.logger
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
        let deadline = configuration.joinTimeout.deadline
        while true {
            do {
                return try await joinOnce(configuration, deadline: deadline, logger: logger)
            } catch is Candidacy.TryAgain {
                logger.debug("joining again")
            }
        }
    }

    private static func joinOnce(
        _ configuration: NodeConfiguration, deadline: Int64, logger: Logger
    ) async throws -> Node {
        let (region, layout) = try makeRegion(configuration)
        let poller = Poller(waker: region.waker())
        let catalogueQueue = SendQueue(
            group: Catalogue.group, shard: Catalogue.shard, ringSize: Catalogue.ringSize, poller: poller,
            region: region
        )
        let parts = Membership.Parts(region: region, layout: layout, poller: poller, catalogueQueue: catalogueQueue)
        let membership = try await Membership.join(configuration, parts, deadline: deadline, logger: logger)
        let registry = GroupRegistry(
            poller: poller, region: region, catalogueQueue: catalogueQueue, view: { membership.view },
            configuration: configuration
        )
        let tenure = Tenure(membership, registry, cluster: configuration.cluster, logger)
        try tenure.begin(stuckLimit: configuration.stuckLimit)
        return Node(tenure)
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
        _ group: GroupID, options: GroupOptions = GroupOptions(),
        _ make: @escaping @Sendable (LockstepSystem) throws -> Replica
    ) async throws -> Replica.Handle where Replica.Effect == Never {
        try await host(group, options: options, performing: { _, _ in }, make)
    }

    /// Makes this node's replica of a group whose updates leave effects to be done outside.
    ///
    /// ```swift
    /// let shop = try await node.host("shop", performing: { mail, id in try await mailer.send(mail, key: "\(id)") }) {
    ///     Shop(actorSystem: $0)
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - perform: Does an effect, on one member, and again if it throws. The identity is the same each time.
    public func host<Replica: ReplicatedActor>(
        _ group: GroupID, options: GroupOptions = GroupOptions(),
        performing perform: @escaping @Sendable (Replica.Effect, EffectID) async throws -> Void,
        _ make: @escaping @Sendable (LockstepSystem) throws -> Replica
    ) async throws -> Replica.Handle {
        try group.check()
        try options.check()
        let channel = try registry.reserve(group, schema: Replica.schema, of: Replica.self, options: options)
        let lane = options.execution == .lane ? Lane(backlogMax: options.backlogBytes) { channel.mark() } : nil
        try await publish(channel) {
            let first = try Node.make(group, registry, lane, make)
            var logger = logger
            logger[metadataKey: "group"] = "\(group)"
            let worker = EffectWorker(
                group: group, queue: channel.queue, registry: registry, attemptsMax: options.effectAttemptsMax,
                logger: logger
            ) { effect, id in
                try await perform(try CallArguments.decode(effect), id)
            }
            let replica: @Sendable () -> ActorReplica<Replica> = { [registry, logger] in
                let driver = EffectDriver(queue: channel.queue, worker: worker, tasks: registry.tasks)
                // Nobody watches what a lane is at.
                let progress = lane == nil ? registry.poller.progress : PollerProgress()
                return ActorReplica(
                    first, channel.queue, driver, options: options, progress: progress, logger: logger
                ) {
                    try Node.make(group, registry, lane, make)
                }
            }
            try await open(channel, lane, replica)
        }
        return Replica.Handle(Group(channel))
    }

    /// Opens a group whose replica runs in a lane, or on the poller if there is none.
    private func open<Replica: ReplicatedActor>(
        _ channel: CallChannel, _ lane: Lane?, _ replica: @escaping @Sendable () -> ActorReplica<Replica>
    ) async throws {
        guard let lane else { return try await channel.open(replica) }
        try lane.start()
        do {
            try await channel.open { LaneReplica(lane, replica) }
        } catch {
            lane.end()
            throw error
        }
    }

    /// Makes an instance with an actor system of its own.
    private static func make<Replica: ReplicatedActor>(
        _ group: GroupID, _ registry: GroupRegistry, _ lane: Lane?, _ make: (LockstepSystem) throws -> Replica
    ) throws -> Replica {
        let system = LockstepSystem(registry, hosting: group, in: lane)
        let replica = try make(system)
        guard replica.actorSystem === system, system.hasHosted else { throw madeElsewhere(group) }
        return replica
    }

    /// Makes a reserved group callable once it is open, or takes everything back.
    private func publish(_ channel: CallChannel, _ open: () async throws -> Void) async throws {
        let group = channel.group
        do {
            try await open()
        } catch {
            channel.close(because: Node.notHosted(group))
            registry.release(group)
            throw error
        }
        registry.publish(channel)
        logger.debug("hosting", metadata: ["group": "\(group)"])
    }

    /// Takes part in a group whose messages are bytes. Every member does, with the same order; messages wait until all
    /// of them do.
    ///
    /// - Parameters:
    ///   - group: The group's name.
    ///   - order: Whether messages come in one total order, or as soon as they are here.
    ///   - options: The size of this node's ring, and whether it sends.
    ///   - make: Makes what receives, on the poller's thread, which it never leaves.
    /// - Throws: ``LockstepError``.
    public func hostRaw<Receiver: RawReceiver>(
        _ group: GroupID, order: RawOrder = .total, options: GroupOptions = GroupOptions(),
        _ make: @escaping @Sendable () -> Receiver
    ) async throws -> RawGroup<Receiver> {
        try group.check()
        try options.check()
        guard options.execution == .inline else {
            throw LockstepError(
                .invalidConfiguration, "The receiver of a raw group runs on the poller: host it with `.inline`."
            )
        }
        let schema = ActorSchema(type: "raw bytes, order of \(order)", methods: [])
        let channel = try registry.reserve(group, schema: schema, of: nil, options: options)
        try await publish(channel) {
            try await channel.open(delivery: order == .total ? .total : .senders) { RawReplica(make()) }
        }
        return RawGroup(channel)
    }

    /// Runs tasks on this node's poller: they send without a hop to another thread, and are never in two places at
    /// once with the replicas. A task that computes for long delays every group of this node.
    ///
    /// ```swift
    /// Task(executorPreference: node.executor) { try await ticks.post(byteCount: 8) { … } }
    /// ```
    public var executor: any TaskExecutor { registry.tasks }

    /// How this node stands, and the groups that it hosts. `lockstep status` prints it for all nodes of this host.
    ///
    /// It takes a second where a replica, or the node's own thread, is busy for longer.
    ///
    /// - Throws: ``LockstepError/Code/notMember`` after the node has left.
    public var status: NodeStatus { get async throws { try await tenure.status() } }

    /// Zeroed memory of this node's region, at the same offset on all nodes that take the same in the same order.
    package func allocate(_ byteCount: Int) throws -> Int { try registry.allocate(byteCount) }

    /// Runs a measurement on the poller, which does nothing else meanwhile.
    package func runOnPoller<Value: Sendable>(
        _ body: @escaping @Sendable (any Fabric, View) -> Value
    ) async throws -> Value {
        try await registry.onPoller { loop in loop.withFabric(body) }
    }

    /// Leaves the cluster: calls that wait fail, and the other members are told. Nothing happens the second time.
    public func leave() async {
        await tenure.leave()
    }

    /// Stays until the service group shuts down, the task is cancelled or the node leaves, and leaves.
    public func run() async throws {
        await cancelWhenGracefulShutdown { [membership] in
            for await _ in membership.views {}
        }
        await leave()
    }

    private static func makeRegion(
        _ configuration: NodeConfiguration
    ) throws(LockstepError) -> (SharedMemoryRegion, MembershipLayout) {
        do {
            try SharedMemoryFabric.checkKernel()
            let region = try SharedMemoryRegion(
                name: "lockstep-\(configuration.cluster)-\(configuration.name)", size: configuration.regionBytes
            )
            // The catalogue's part comes first in every region, so that all members know where it is.
            let place = try ShardPlace.allocate(in: region, ringSize: Catalogue.ringSize)
            precondition(place == .catalogue, "the first allocations of every region must be the catalogue's")
            // And then the membership's.
            let row = try region.allocate(MembershipLayout(start: 0).size)
            return (region, MembershipLayout(start: row))
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
