import LockstepFabric
import Synchronization

/// The groups that a node hosts, for those who call them from any thread.
final class GroupRegistry: Sendable {
    let pollers: Pollers
    let callTimeout: Duration
    /// The calls of this node to single members.
    let calls: MemberCalls
    private let currentView: @Sendable () -> View
    /// The view that this node is in.
    var view: View { currentView() }
    let catalogueQueue: SendQueue
    private let ringSize: Int
    private let region: SharedMemoryRegion
    private let state = Mutex(State())

    private struct State {
        var groups: [GroupID: CallChannel] = [:]
        /// The groups that this node is about to host.
        var reserved: Set<GroupID> = []
        /// The catalogue is the first.
        var shardsEver = Catalogue.shard + 1
        /// Memory that was taken and that no member knows of.
        var spare: [(place: ShardPlace, home: PollerHome)] = []
        /// Why the node is no member any more.
        var departure: LockstepError?
        /// That of the node's next incarnation.
        var successor: GroupRegistry?
    }

    init(
        pollers: Pollers, region: SharedMemoryRegion, catalogueQueue: SendQueue, calls: MemberCalls,
        view: @escaping @Sendable () -> View,
        configuration: NodeConfiguration
    ) {
        currentView = view
        self.pollers = pollers
        self.calls = calls
        self.region = region
        self.catalogueQueue = catalogueQueue
        callTimeout = configuration.callTimeout
        ringSize = configuration.ringBytes
    }

    /// Reserves the name of a group that this node is about to host.
    func reserve(
        _ group: GroupID, schema: ActorSchema, of type: (any ReplicatedActor.Type)?, options: GroupOptions,
        layout: GroupLayout
    ) throws(LockstepError) -> CallChannel {
        let ringSize = options.sends ? options.ringBytes ?? ringSize : 0
        let shard = try state.withLock { state throws(LockstepError) in
            if let departure = state.departure { throw departure }
            guard view.me.role.hosts else { throw Self.isWitness }
            guard state.groups[group] == nil, state.reserved.insert(group).inserted else {
                throw LockstepError(
                    .groupHostedTwice, "This node hosts \"\(group)\" already. Host it once, and share its handle."
                )
            }
            defer { state.shardsEver += 1 }
            return state.shardsEver
        }
        return CallChannel(
            group: group, shard: shard, strand: options.poller ?? group.strand, ringSize: ringSize,
            changesKept: options.changesKept, schema: schema, actorType: type, layout: layout, registry: self
        )
    }

    func makeQueue(
        _ group: GroupID, shard: Int, on poller: Poller, ringSize: Int, changesKept: Int
    ) -> SendQueue {
        SendQueue(
            group: group, shard: shard, ringSize: ringSize, poller: poller, region: region, catalogue: catalogueQueue,
            changesKept: changesKept
        )
    }

    /// A reserved group is hosted now, and can be called.
    func publish(_ channel: CallChannel) {
        state.withLock { state in
            state.reserved.remove(channel.group)
            if state.departure == nil { state.groups[channel.group] = channel }
        }
    }

    /// Takes back a group that could not be registered.
    func release(_ group: GroupID) {
        state.withLock { _ = $0.reserved.remove(group) }
    }

    /// Forgets every group, because the node has left, and returns those that there were.
    @discardableResult
    func leave(because error: LockstepError) -> [CallChannel] {
        state.withLock { state in
            state.departure = state.departure ?? error
            defer { state.groups = [:] }
            return Array(state.groups.values)
        }
    }

    /// References that were made through this one find the groups of another from now on.
    func supersede(by registry: GroupRegistry) { state.withLock { $0.successor = registry } }

    /// The groups that can be called.
    var hosted: [CallChannel] { state.withLock { Array($0.groups.values) } }

    /// Why nothing can be asked any more.
    private var departure: LockstepError { state.withLock { $0.departure } ?? CallChannel.hasLeft }

    private static let isWitness = LockstepError(
        .unsupported, "This node is a witness: it votes and hosts nothing. Host the group on other members."
    )

    /// Takes back memory that no member knows of.
    func giveBack(_ place: ShardPlace, near home: PollerHome) { state.withLock { $0.spare.append((place, home)) } }

    /// Memory for a group's line and ring.
    func takePlace(ringSize: Int, near home: PollerHome) throws -> ShardPlace {
        let spare = state.withLock { state in
            state.spare.firstIndex { $0.place.ringSize == ringSize && $0.home == home }
                .map { state.spare.remove(at: $0) }
        }
        if let spare { return spare.place }
        do {
            return try ShardPlace.allocate(in: region, ringSize: ringSize, near: home)
        } catch {
            throw LockstepError(error)
        }
    }

    /// Runs something between two turns of a poller; without a value, or after the poller's end, the node has left.
    func on<Value: Sendable>(
        _ poller: Poller, _ body: @escaping @Sendable (PollerLoop) -> Value?
    ) async throws -> Value {
        try await on(poller) { loop, answer in answer(body(loop)) }
    }

    /// The same for something that answers later.
    func on<Value: Sendable>(
        _ poller: Poller,
        _ body: @escaping @Sendable (PollerLoop, @escaping @Sendable (Value?) -> Void) -> Void
    ) async throws -> Value {
        // The thread may be about to end, or stuck.
        if let departure = state.withLock(\.departure) { throw departure }
        return try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
            let answer: @Sendable (Value?) -> Void = { value in
                guard let value else { return continuation.resume(throwing: self.departure) }
                continuation.resume(returning: value)
            }
            if !poller.run({ loop in body(loop, answer) }) { answer(nil) }
        }
    }

    /// The NUMA node in whose memory an offset lies.
    func numaNode(at offset: Int) -> Int? { region.numaNode(at: offset) }

    /// Memory that is no group's.
    func allocate(_ byteCount: Int) throws(FabricError) -> Int { try region.allocate(byteCount) }

    /// The way to a group that this node hosts.
    func channel(to group: GroupID, as type: any ReplicatedActor.Type) throws(LockstepError) -> CallChannel {
        try channel(to: group, named: "\(type)") { $0.actorType.map { $0 == type } == true }
    }

    /// The way to a group that this node hosts, of an actor that is known by name.
    func channel(to group: GroupID, of type: String) throws(LockstepError) -> CallChannel {
        try channel(to: group, named: type) { $0.typeName == type }
    }

    /// The way to a group that this node hosts, of any actor.
    func channel(to group: GroupID) throws(LockstepError) -> CallChannel {
        try channel(to: group, named: "an actor") { $0.actorType != nil }
    }

    private func channel(
        to group: GroupID, named type: @autoclosure () -> String, isMeant: (CallChannel) -> Bool
    ) throws(LockstepError) -> CallChannel {
        let (found, departure, successor) = state.withLock { ($0.groups[group], $0.departure, $0.successor) }
        if let successor { return try successor.channel(to: group, named: type(), isMeant: isMeant) }
        if let departure { throw departure }
        guard let channel = found else {
            throw LockstepError(
                .groupNotHosted, "This node does not host \"\(group)\". Call `node.host` for it first."
            )
        }
        guard isMeant(channel) else {
            throw LockstepError(
                .schemaMismatch,
                "The group \"\(group)\" is of \(channel.typeName), not of \(type()). Resolve it as that type."
            )
        }
        return channel
    }
}
