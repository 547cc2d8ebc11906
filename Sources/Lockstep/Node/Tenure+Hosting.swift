import LockstepProtocol
import Logging

// How an incarnation of a node comes to have a replica of a group.
extension Tenure {
    /// Makes a replica of an actor, and returns the way to its group.
    func host<Replica: ReplicatedActor>(
        _ group: GroupID, _ options: GroupOptions, _ layout: GroupLayout,
        _ perform: @escaping @Sendable (Replica.Effect, EffectID) async throws -> Void,
        _ make: @escaping @Sendable (LockstepSystem) throws -> Replica
    ) async throws -> CallChannel {
        let channel = try registry.reserve(
            group, schema: Replica.schema, of: Replica.self, options: options, layout: layout)
        let lane = options.execution == .lane ? Lane(backlogMax: options.backlogBytes) { channel.mark() } : nil
        try await publish(channel) {
            let first = try Tenure.make(channel, registry, lane, make)
            var logger = logger
            logger[metadataKey: "group"] = "\(group)"
            let worker = EffectWorker(
                group: group, queue: channel.queue, registry: registry, attemptsMax: options.effectAttemptsMax,
                logger: logger
            ) { effect, id in
                try await perform(try WireReader.value(in: effect), id)
            }
            let replica: @Sendable () -> ActorReplica<Replica> = { [registry, logger] in
                let poller = channel.queue.poller
                let driver = EffectDriver(
                    queue: channel.queue, worker: worker, tasks: registry.pollers.executor(of: poller))
                // Nobody watches what a lane is at.
                let progress = lane == nil ? poller.progress : PollerProgress()
                return ActorReplica(
                    first, channel.queue, driver, options: options, progress: progress, logger: logger
                ) {
                    try Tenure.make(channel, registry, lane, make)
                }
            }
            try await open(channel, lane, replica)
        }
        return channel
    }

    /// Makes a receiver, and returns the way to its group.
    func hostRaw<Receiver: RawReceiver>(
        _ group: GroupID, _ order: RawOrder, _ options: GroupOptions, _ layout: GroupLayout,
        _ make: @escaping @Sendable () -> Receiver
    ) async throws -> CallChannel {
        let schema = ActorSchema(type: "raw bytes, order of \(order)", methods: [])
        let channel = try registry.reserve(group, schema: schema, of: nil, options: options, layout: layout)
        try await publish(channel) {
            try await channel.open(delivery: order == .total ? .total : .senders) { RawReplica(make()) }
        }
        return channel
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
        _ channel: CallChannel, _ registry: GroupRegistry, _ lane: Lane?, _ make: (LockstepSystem) throws -> Replica
    ) throws -> Replica {
        let group = channel.group
        let system = LockstepSystem(
            registry, hosting: group, on: channel.queue.poller, in: lane, publishingTo: channel.queue.changes)
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
            channel.close(because: Tenure.notHosted(group))
            registry.release(group)
            throw error
        }
        registry.publish(channel)
        logger.debug("hosting", metadata: ["group": "\(group)"])
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
