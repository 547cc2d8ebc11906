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
    /// Resolves references to the groups that this node hosts.
    public let actorSystem: LockstepSystem
    /// What the node was joined with.
    public var configuration: NodeConfiguration { residence.configuration }
    let residence: Residence
    private let companions = Companions()

    private init(_ residence: Residence) {
        self.residence = residence
        actorSystem = LockstepSystem(residence.tenure.registry)
    }

    /// Who is in the cluster. If the node comes back after it was excluded, it is another one then.
    public var membership: Membership { residence.tenure.membership }

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
        let tenure = try await Tenure.join(configuration, logger: logger)
        return Node(Residence(configuration, tenure, logger: logger))
    }

    /// The views of the cluster, beginning with the current one; each caller gets a sequence of its own.
    public var views: AsyncStream<View> { membership.views }

    /// Makes this node's replica of a group, and returns the handle to call the group.
    ///
    /// Every member but witnesses hosts the group, in any order; calls wait until all of them do. The instance that `make` returns
    /// is nobody's but the group's: keep no reference to it.
    ///
    /// - Parameters:
    ///   - group: The group's name.
    ///   - layout: Which of the nodes that host the group have replicas; the same on all of them.
    ///   - options: How this node takes part.
    ///   - make: Makes the replica.
    /// - Throws: ``LockstepError``, such as ``LockstepError/Code/schemaMismatch`` if another member hosts the group
    ///   with other methods.
    public func host<Replica: ReplicatedActor>(
        _ group: GroupID, layout: GroupLayout = .everyone, options: GroupOptions = GroupOptions(),
        _ make: @escaping @Sendable (LockstepSystem) throws -> Replica
    ) async throws -> Replica.Handle where Replica.Effect == Never {
        try await host(group, layout: layout, options: options, performing: { _, _ in }, make)
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
    ///   - group: The group's name.
    ///   - layout: Which of the nodes that host the group have replicas; the same on all of them.
    ///   - options: How this node takes part.
    ///   - perform: Does an effect, on one member, and again if it throws. The identity is the same each time.
    ///   - make: Makes the replica.
    public func host<Replica: ReplicatedActor>(
        _ group: GroupID, layout: GroupLayout = .everyone, options: GroupOptions = GroupOptions(),
        performing perform: @escaping @Sendable (Replica.Effect, EffectID) async throws -> Void,
        _ make: @escaping @Sendable (LockstepSystem) throws -> Replica
    ) async throws -> Replica.Handle {
        try group.check()
        try check(options, layout)
        return Replica.Handle(
            Group(try await residence.host { try await $0.host(group, options, layout, perform, make) })
        )
    }

    /// Takes part in a group whose messages are bytes. Every member does, with the same order; messages wait until all
    /// of them do.
    ///
    /// - Parameters:
    ///   - group: The group's name.
    ///   - order: Whether messages come in one total order, or as soon as they are here.
    ///   - layout: Which of the nodes that host the group receive; the same on all of them.
    ///   - options: The size of this node's ring, and whether it sends.
    ///   - make: Makes what receives, on the poller's thread, which it never leaves.
    /// - Throws: ``LockstepError``.
    public func hostRaw<Receiver: RawReceiver>(
        _ group: GroupID, order: RawOrder = .total, layout: GroupLayout = .everyone,
        options: GroupOptions = GroupOptions(),
        _ make: @escaping @Sendable () -> Receiver
    ) async throws -> RawGroup<Receiver> {
        try group.check()
        try check(options, layout)
        guard options.execution == .inline else {
            throw LockstepError(
                .invalidConfiguration, "The receiver of a raw group runs on the poller: host it with `.inline`."
            )
        }
        return RawGroup(try await residence.host { try await $0.hostRaw(group, order, options, layout, make) })
    }

    private func check(_ options: GroupOptions, _ layout: GroupLayout) throws(LockstepError) {
        try options.check()
        try layout.check()
        guard layout.plan.shardCount == 1 else {
            throw LockstepError(
                .unsupported, "A group of \(layout) cannot be hosted yet: give it a layout of one shard."
            )
        }
    }

    /// Runs tasks on this node's first poller: they send without a hop to another thread, and are never in two places at
    /// once with the replicas. A task that computes for long delays every group of this node.
    ///
    /// ```swift
    /// Task(executorPreference: node.executor) { try await ticks.post(byteCount: 8) { … } }
    /// ```
    ///
    /// Where a node has several pollers, ``executor(for:)`` gives that of a group.
    public var executor: any TaskExecutor { executor(of: residence.tenure.registry.pollers.first) }

    /// Runs tasks on the poller of a group that this node hosts; on the first, if it does not host it.
    public func executor(for group: GroupID) -> any TaskExecutor {
        executor(of: residence.tenure.registry.pollers.poller(of: group))
    }

    private func executor(of poller: Poller) -> any TaskExecutor {
        residence.tenure.registry.pollers.executor(of: poller)
    }

    /// How this node stands, and the groups that it hosts. `lockstep status` prints it for all nodes of this host.
    ///
    /// It takes a second where a replica, or the node's own thread, is busy for longer.
    ///
    /// - Throws: ``LockstepError/Code/notMember`` after the node has left.
    public var status: NodeStatus { get async throws { try await residence.tenure.status() } }

    /// For how long there may have been a view without this node; zero while there is certainly none.
    ///
    /// The others promise again and again not to go on without this node for a while: see ``Consistency/leased``, also for
    /// what that assumes of clocks. In a change of views nobody promises anything, until some heartbeats after it: less
    /// than ``NodeConfiguration/failureTimeout`` means nothing.
    public var timeOutOfTouch: Duration { .nanoseconds(residence.tenure.registry.pollers.lease.age) }

    /// A value that a library keeps with this node, until that leaves: one of each type, made when it is first asked for.
    ///
    /// ```swift
    /// extension Node {
    ///     func shop() async throws -> Shop.Handle {
    ///         try await companion { try await $0.host("shop") { Shop(actorSystem: $0) } }
    ///     }
    /// }
    /// ```
    ///
    /// - Throws: What `make` throws; the next one who asks tries again.
    public func companion<Value: Sendable>(
        _ make: @escaping @Sendable (Node) async throws -> Value
    ) async throws -> Value {
        try await companions.value { [self] in try await make(self) }
    }

    /// Zeroed memory of this node's region, at the same offset on all nodes that take the same in the same order.
    package func allocate(_ byteCount: Int) throws -> Int { try residence.tenure.registry.allocate(byteCount) }

    /// Runs a measurement on the poller, which does nothing else meanwhile.
    package func runOnPoller<Value: Sendable>(
        _ body: @escaping @Sendable (any Fabric, View) -> Value
    ) async throws -> Value {
        let registry = residence.tenure.registry
        return try await registry.on(registry.pollers.first) { loop in loop.withFabric(body) }
    }

    /// Leaves the cluster: calls that wait fail, and the other members are told. Nothing happens the second time.
    public func leave() async {
        await residence.leave()
        companions.removeAll()
    }

    /// Stays until the service group shuts down, the task is cancelled or the node leaves, and leaves.
    ///
    /// - Throws: ``LockstepError`` if the node is out though nobody asked it to leave: ``LockstepError/Code/excluded`` if
    ///   the others went on without it, or ``LockstepError/Code/notMember`` if its own thread was stuck.
    public func run() async throws {
        await cancelWhenGracefulShutdown { [membership] in
            for await _ in membership.views {}
        }
        await leave()
        if let failure = residence.tenure.failure { throw failure }
    }
}
