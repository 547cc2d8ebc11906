import Distributed
import LockstepFabric
import Synchronization

/// The distributed actor system of replicated actors: an identity is a group, and a call through a resolved
/// reference is an ordered multicast.
///
/// ```swift
/// let inventory = try Inventory.resolve(id: "inventory", using: node.actorSystem)
/// try await inventory.receive(5, of: "bolt")   // on every replica, also where one lives in this process
/// ```
public final class LockstepSystem: DistributedActorSystem {
    /// An actor's identity is its group.
    public typealias ActorID = GroupID
    /// Arguments and results can be encoded and cross threads.
    public typealias SerializationRequirement = any Codable & Sendable
    /// Collects the arguments of a call.
    public typealias InvocationEncoder = LockstepInvocationEncoder
    /// Not used: calls are run by number.
    public typealias InvocationDecoder = LockstepInvocationDecoder
    /// Not used: results go straight to the caller's task.
    public typealias ResultHandler = LockstepResultHandler

    private let registry: GroupRegistry
    /// Where the replica runs, unless it has a lane.
    private let poller: Poller
    private let lane: Lane?
    /// Where the replica publishes; nil for a system without one.
    private let changes: ChangeFeed?
    /// The group whose replica is being made with this system, until it is made.
    private let hosting: Mutex<GroupID?>
    /// Full names of methods by the language's name for a target, which is costly to take apart.
    private let methods = Mutex<[String: String]>([:])
    /// What the call that runs goes by. Only the replica's thread looks at it.
    private nonisolated(unsafe) let running: ThreadBound<Running>

    private struct Running {
        var context: UpdateContext
        var effects = Effects()
        /// How many effects this update has left.
        var leftCount = 0
        var phase = Phase.outside
        /// The replicas of the group, and this node's place among them.
        var replicas: [View.Member]
        var place: Int
    }

    private enum Phase {
        case outside
        case query
        case update
    }

    init(
        _ registry: GroupRegistry, hosting: GroupID? = nil, on poller: Poller? = nil, in lane: Lane? = nil,
        publishingTo changes: ChangeFeed? = nil
    ) {
        self.registry = registry
        self.changes = changes
        self.poller = poller ?? registry.pollers.first
        self.lane = lane
        self.hosting = Mutex(hosting)
        let view = registry.view
        let context = UpdateContext(view: view, group: hosting ?? GroupID(""))
        running = ThreadBound(Running(context: context, replicas: view.members, place: view.rank))
    }

    // MARK: - The call that runs

    /// What an update or a query of this system's replica goes by. The actor's own `context` is this.
    public var context: UpdateContext {
        get {
            checkInside()
            return running.value.context
        }
        set {
            checkInside()
            running.value.context = newValue
        }
    }

    private func checkInside() {
        checkIsolated()
        precondition(running.value.phase != .outside, "`context` may be used only while an update or a query runs")
    }

    /// Stops the process on any other thread than the replica's own.
    func checkIsolated() {
        if let lane { lane.checkIsolated() } else { poller.checkIsolated() }
    }

    /// Lets an update leave something for later, by the identity that it is given.
    func leave(_ body: (EffectID, Timestamp, inout Effects) throws -> Void) throws -> EffectID {
        checkMayLeave()
        let context = running.value.context
        let id = EffectID(
            group: context.group, place: EffectID.Place(version: context.version, index: running.value.leftCount)
        )
        try body(id, context.now, &running.value.effects)
        running.value.leftCount += 1
        return id
    }

    /// Takes back a timer; false if it does not stand.
    func cancel(_ timer: EffectID) -> Bool {
        checkMayLeave()
        return timer.group == running.value.context.group
            && running.value.effects.timers.take(timer.place) != nil
    }

    /// Hands something that an update says of itself to those who read it on this node.
    func publish(_ change: any Sendable, to clients: Set<SessionKey>? = nil) {
        checkMayLeave()
        changes?.append(change, version: running.value.context.version, for: clients)
    }

    private func checkMayLeave() {
        checkIsolated()
        precondition(
            running.value.phase == .update,
            "only an update that runs may leave or cancel an effect, or publish something"
        )
    }

    /// Stops the process unless a condition looks at the replica.
    func checkAsked() {
        checkIsolated()
        precondition(running.value.phase == .query, "the queries of a replica may be asked only while a condition runs")
    }

    /// The number of the last update.
    var version: UInt64 { running.value.context.version }

    /// What updates have left, and what others have had run here.
    func withEffects<Result>(_ body: (inout Effects) throws -> Result) rethrows -> Result {
        try body(&running.value.effects)
    }

    /// A view begins, with these replicas, which all support a level.
    func enter(_ view: View, _ replicas: [View.Member], at level: Int) {
        running.value.context.enter(view, replicas, at: level)
        running.value.replicas = replicas
        running.value.place = replicas.firstIndex { $0.rank == view.rank } ?? 0
    }

    /// A replica of the group, by its place.
    func member(_ place: Int) -> View.Member { running.value.replicas[place] }

    /// This node's place among the replicas.
    var place: Int { running.value.place }

    // MARK: - State of the replica beside the actor's own

    func hashState(into hasher: inout StateHasher) { running.value.effects.hash(into: &hasher) }

    func writeState(to writer: inout StateWriter) {
        running.value.context.write(to: &writer)
        running.value.effects.write(to: &writer)
    }

    func readState(from reader: StateReader) throws {
        var context = running.value.context
        try context.read(from: reader)
        running.value.effects = try Effects(from: reader)
        running.value.context = context
    }

    // MARK: - The call that begins

    func begin(_ header: CallHeader, position: UInt64, from place: Int) {
        running.value.context.begin(stamp: header.stamp, position: position, callerPlace: place)
        running.value.leftCount = 0
        running.value.phase = .update
    }

    func begin(_ view: GroupView) {
        running.value.context.begin(view)
        running.value.leftCount = 0
        running.value.phase = .update
    }

    func beginQuery(from place: Int) {
        running.value.context.beginQuery(callerPlace: place)
        running.value.phase = .query
    }

    func end() { running.value.phase = .outside }

    // MARK: - As the language asks for it

    /// True once the instance that this system was made for exists.
    var hasHosted: Bool { hosting.withLock { $0 == nil } }

    /// Where the replica runs: the poller of this node, or a lane.
    public var unownedExecutor: UnownedSerialExecutor {
        lane?.asUnownedSerialExecutor() ?? poller.asUnownedSerialExecutor()
    }

    /// Never a local instance: calls always go through the group.
    ///
    /// - Throws: ``LockstepError/Code/groupNotHosted``, or ``LockstepError/Code/schemaMismatch`` for another type.
    public func resolve<Act: DistributedActor>(id: GroupID, as type: Act.Type) throws -> Act?
    where Act.ID == GroupID {
        _ = try channel(to: id, as: type)
        return nil
    }

    /// Names the instance that `host` makes. An instance that is made elsewhere belongs to no group.
    public func assignID<Act: DistributedActor>(_ type: Act.Type) -> GroupID where Act.ID == GroupID {
        hosting.withLock { hosting in
            defer { hosting = nil }
            return hosting ?? GroupID("")
        }
    }

    /// Nothing to do: `host` registers the instance.
    public func actorReady<Act: DistributedActor>(_ actor: Act) where Act.ID == GroupID {}

    /// Nothing to do: a group outlives its instances.
    public func resignID(_ id: GroupID) {}

    /// Begins a call.
    public func makeInvocationEncoder() -> LockstepInvocationEncoder { LockstepInvocationEncoder() }

    /// Runs a method of the group and returns the result of this node's replica.
    public func remoteCall<Act, Err, Res>(
        on actor: Act, target: RemoteCallTarget, invocation: inout LockstepInvocationEncoder,
        throwing: Err.Type, returning: Res.Type
    ) async throws -> Res
    where Act: DistributedActor, Act.ID == GroupID, Err: Error, Res: Codable & Sendable {
        let (channel, method) = try find(target, of: actor)
        return try await channel.queue.outcome(of: send(invocation, to: channel, method))
    }

    /// Runs a method of the group that has no result.
    public func remoteCallVoid<Act, Err>(
        on actor: Act, target: RemoteCallTarget, invocation: inout LockstepInvocationEncoder, throwing: Err.Type
    ) async throws where Act: DistributedActor, Act.ID == GroupID, Err: Error {
        let (channel, method) = try find(target, of: actor)
        try await channel.queue.outcome(of: send(invocation, to: channel, method), as: Void.self)
    }

    private func send(
        _ invocation: LockstepInvocationEncoder, to channel: CallChannel, _ method: ActorSchema.Method
    ) async throws -> PendingReply {
        let arguments: (inout CallArguments) -> Void = { $0.add(encoded: invocation.arguments) }
        switch method.kind {
        case .update: return try await channel.send(method.number, arguments).reply
        case .query: return try channel.ask(method.number, .linearizable, arguments)
        case .direct:
            throw LockstepError(
                .unsupported,
                "\(method.name) is a direct method, so it needs a member: call it through the handle's `on` or `next`."
            )
        }
    }

    private func find<Act: DistributedActor>(
        _ target: RemoteCallTarget, of actor: Act
    ) throws(LockstepError) -> (CallChannel, ActorSchema.Method) where Act.ID == GroupID {
        let channel = try channel(to: actor.id, as: Act.self)
        let name = self.name(of: target)
        if let method = channel.method(named: name) { return (channel, method) }
        throw LockstepError(
            .unsupported,
            Act.hasOverloads(of: name)
                ? "\(target) has namesakes of other types: call it through the group's handle."
                : "\(target) is not a replicated method: declare it in the body of the actor."
        )
    }

    private func channel<Act: DistributedActor>(
        to id: GroupID, as type: Act.Type
    ) throws(LockstepError) -> CallChannel {
        guard let replicated = type as? any ReplicatedActor.Type else {
            throw LockstepError(.unsupported, "\(type) is not replicated. Put @Replicated before its declaration.")
        }
        return try registry.channel(to: id, as: replicated)
    }

    private func name(of target: RemoteCallTarget) -> String {
        let identifier = target.identifier
        return methods.withLock { methods in
            if let known = methods[identifier] { return known }
            let name = methodName(inTarget: "\(target)")
            methods[identifier] = name
            return name
        }
    }
}

extension DistributedActor {
    fileprivate static func hasOverloads(of name: String) -> Bool {
        let schema = (self as? any ReplicatedActor.Type)?.schema
        return schema?.methods.filter { $0.name == name }.count ?? 0 > 1
    }
}

/// The method in the language's description of a target: `receive(_:of:)` in `Shop.Inventory.receive(_:of:)`.
func methodName(inTarget description: String) -> String {
    var start = description.startIndex
    var isQuoted = false
    for index in description.indices {
        switch description[index] {
        case "`": isQuoted.toggle()
        case "." where !isQuoted: start = description.index(after: index)
        case "(" where !isQuoted: return description[start...].filter { $0 != "`" }
        default: break
        }
    }
    return String(description[start...])
}
