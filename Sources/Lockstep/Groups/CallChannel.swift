import LockstepProtocol
import Synchronization

/// The way from any task to a group that this node hosts.
final class CallChannel: Sendable {
    let group: GroupID
    /// Nil for raw groups.
    let actorType: (any ReplicatedActor.Type)?
    let queue: SendQueue
    let schema: ActorSchema
    private let methods: [UInt32: ActorSchema.Method]
    /// The methods that have a full name for themselves.
    private let namedMethods: [String: ActorSchema.Method]
    private let timeoutNanoseconds: Int64
    /// Longer calls are encoded in memory of their own.
    private static let scratchSize = 1024
    let shard: Int
    private let strand: Int
    let layout: GroupLayout
    private let ringSize: Int
    let registry: GroupRegistry
    private let isSuperseded = Atomic<Bool>(false)
    private let successor = Mutex<CallChannel?>(nil)

    init(
        group: GroupID, shard: Int, strand: Int, ringSize: Int, changesKept: Int, schema: ActorSchema,
        actorType: (any ReplicatedActor.Type)?, layout: GroupLayout, registry: GroupRegistry
    ) {
        self.group = group
        self.shard = shard
        self.strand = strand
        self.ringSize = ringSize
        self.schema = schema
        self.actorType = actorType
        self.layout = layout
        self.registry = registry
        timeoutNanoseconds = registry.callTimeout.nanoseconds
        methods = Dictionary(schema.methods.map { ($0.number, $0) }) { first, _ in first }
        namedMethods = Dictionary(grouping: schema.methods, by: \.name).compactMapValues { $0.count == 1 ? $0[0] : nil }
        let poller = registry.pollers.place(group, shard: shard, on: strand)
        queue = registry.makeQueue(group, shard: shard, on: poller, ringSize: ringSize, changesKept: changesKept)
    }

    /// The replicas of the present view, in rank order; before the group is active, those who are awaited.
    var members: [View.Member] {
        let replicas = queue.replicas
        return replicas.isEmpty ? registry.view.members : replicas
    }

    /// The way to the group for the node's present incarnation: this one, until the node has come back.
    var current: CallChannel {
        guard isSuperseded.load(ordering: .acquiring) else { return self }
        return successor.withLock { $0 } ?? self
    }

    /// From now on calls take another way.
    func supersede(by channel: CallChannel) {
        successor.withLock { $0 = channel }
        isSuperseded.store(true, ordering: .releasing)
    }

    /// For people.
    var typeName: String { schema.type }

    /// The calls of this node to single members.
    var memberCalls: MemberCalls { registry.calls }

    /// How long a call may take.
    var timeout: Duration { registry.callTimeout }

    /// When a call that begins now must have ended.
    var deadline: Int64 { coarseDeadline(after: timeoutNanoseconds) }

    /// The method with a number, nil if the actor has none.
    func method(_ number: UInt32) -> ActorSchema.Method? { methods[number] }

    /// The method of a full name, nil if the actor has none, or several of other types.
    func method(named name: String) -> ActorSchema.Method? { namedMethods[name] }

    /// Encodes an update and sends it as soon as there is room for it.
    nonisolated(nonsending) func send(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> SentCall {
        switch try sendNow(method, isAwaited: false, arguments) {
        case .sent(let sent): sent
        case .unsent(let call): try await call.send()
        }
    }

    /// Sends an encoded call as soon as there is room for it.
    nonisolated(nonsending) func send(
        _ method: UInt32, _ call: CallArguments, _ reply: PendingReply?, deadline: Int64
    ) async throws {
        try await queue.send(call, reply, deadline: deadline) { missing throws(LockstepError) in
            try check(method, missing)
        }
    }

    /// Encodes an update and sends it if there is room for it now. `isAwaited` says that the task waits for the outcome
    /// next.
    func sendNow(
        _ method: UInt32, isAwaited: Bool, _ arguments: (inout CallArguments) throws -> Void
    ) throws -> SendAttempt {
        guard !isSuperseded.load(ordering: .acquiring) else {
            return try current.sendNow(method, isAwaited: isAwaited, arguments)
        }
        try Task.checkCancellation()
        return try withUnsafeTemporaryAllocation(byteCount: Self.scratchSize, alignment: 8) { scratch in
            var call = CallArguments(lent: scratch)
            try encode(method, arguments, into: &call)
            let reply = PendingReply()
            reply.deadline = deadline
            let isSent =
                try call.withBytes { call in try queue.sendAtOnce(call, reply, isAwaited: isAwaited) }
                ?? sendInSteps(method, call, reply, isAwaited: isAwaited)
            let sent = SentCall(reply: reply, queue: queue)
            return isSent ? .sent(sent) : .unsent(UnsentCall(sent, on: self, method, call.kept))
        }
    }

    @inline(never)
    private func sendInSteps(
        _ method: UInt32, _ call: CallArguments, _ reply: PendingReply, isAwaited: Bool
    ) throws(LockstepError) -> Bool {
        try queue.sendNow(call, reply, deadline: reply.deadline, isAwaited: isAwaited) {
            missing throws(LockstepError) in
            try check(method, missing)
        }
    }

    func check(_ method: UInt32, _ missing: MissingMethods) throws(LockstepError) {
        try missing.check(method, named: methods[method]?.name ?? ActorSchema.text(ofNumber: method))
    }

    /// Sends a call that an update of another group has left, and returns when it has run here.
    nonisolated(nonsending) func forward(_ message: [UInt8]) async throws {
        guard let header = message.withUnsafeBytes({ CallHeader($0) }), let method = methods[header.method] else {
            throw LockstepError(.schemaMismatch, "\(typeName) has no such method in this release.")
        }
        let reply = PendingReply()
        try await queue.send(CallArguments(message: message), reply, deadline: deadline) {
            missing throws(LockstepError) in
            try missing.check(method.number, named: method.name)
        }
        try await queue.outcome(of: reply, as: Void.self)
    }

    /// Encodes a query and hands it to the poller.
    func ask(
        _ method: UInt32, _ consistency: Consistency, _ arguments: (inout CallArguments) throws -> Void
    ) throws -> PendingReply {
        guard methods[method]?.isQuery == true else {
            throw LockstepError(
                .unsupported, "The method \(ActorSchema.text(ofNumber: method)) is no query: call it as an update."
            )
        }
        var call = CallArguments()
        try encode(method, arguments, into: &call)
        try queue.checkSize(call.byteCount)
        let reply = PendingReply(onCancel: .ends)
        queue.ask(OutgoingQuery(content: .call(call.bytes), way: consistency.way, deadline: deadline, reply: reply))
        return reply
    }

    /// Lets somebody look at the state, and returns when they have.
    func look(_ waiter: StateWaiter, _ consistency: Consistency, deadline: Int64) async throws {
        let reply = PendingReply(onCancel: .ends)
        queue.ask(OutgoingQuery(content: .wait(waiter), way: consistency.way, deadline: deadline, reply: reply))
        try await queue.outcome(of: reply, as: Void.self)
    }

    func encode(
        _ method: UInt32, as kind: CallHeader.Kind = .call, question: UInt64? = nil,
        _ arguments: (inout CallArguments) throws -> Void, into call: inout CallArguments
    ) throws {
        call.begin(method, as: kind, question: question, baggage: CallBaggage.current())
        try call.addAll(arguments)
    }

    /// Runs something between two updates, on the poller.
    func onPoller<Value: Sendable>(_ body: @escaping @Sendable (PollerLoop, Int) -> Value?) async throws -> Value {
        let shard = shard
        return try await registry.on(queue.poller) { loop in body(loop, shard) }
    }

    /// Runs something between two updates, on the thread of the replica.
    func onReplica<Value: Sendable>(_ body: @escaping @Sendable (any ReplicaState) -> Value) async throws -> Value {
        let shard = shard
        return try await registry.on(queue.poller) { loop, answer in
            guard let replica = loop.replica(shard: shard) else { return answer(nil) }
            replica.inspect { answer($0.map(body)) }
        }
    }

    /// How the group stands here.
    func status() async throws -> GroupStatus {
        let replica = try await onReplica { ReplicaStatus($0) }
        // Of much state that takes long: the replica goes on meanwhile, also if this task prefers its thread.
        let hash = await Task.detached(operation: replica.hashState).value
        return try await onPoller { loop, shard in loop.status(shard: shard, replica, stateHash: hash) }
    }

    /// What became of a call of any member.
    func outcome(of call: CallID) async throws -> CallOutcome {
        // In this order: what is executed in between is found.
        let isOver = try await onPoller { loop, shard in loop.hasFailed(shard: shard) }
        return try await onReplica { $0.outcome(of: call, isOver: isOver) }
    }

    /// The poller is to look at the group again.
    func mark() { queue.poller.mark(shard) }

    /// Makes the shard known to the poller, and then to the other members.
    func open(
        delivery: OrderedMulticast.DeliveryOrder = .total, _ replica: @escaping @Sendable () -> any Replica
    ) async throws {
        let (group, shard, queue, layout) = (group, shard, queue, layout)
        queue.poller.run { loop in
            let engine = ShardEngine(
                group: group, queue: queue, layout: layout, delivery: delivery, replica: replica()
            )
            loop.add(engine, at: shard)
        }
        let home = queue.poller.home
        let place = try registry.takePlace(ringSize: ringSize, near: home)
        do {
            let known = try await register(place)
            if known != place { registry.giveBack(place, near: home) }
        } catch let error as LockstepError where error.code != .outcomeUnknown {
            registry.giveBack(place, near: home)
            throw error
        }
    }

    /// Tells all members where this node keeps its part of the group; where they know it to be.
    private func register(_ place: ShardPlace) async throws -> ShardPlace {
        let registration = Registration(
            group: group, schema: schema, plan: layout.plan, hasState: actorType != nil, place: place,
            strand: strand
        )
        let reply = PendingReply()
        let update = try CatalogueUpdate.host(registration).encoded()
        try await registry.catalogueQueue.send(update, reply, deadline: deadline) { _ in }
        switch try await registry.catalogueQueue.outcome(of: reply, as: Registration.Outcome.self) {
        case .accepted(let known):
            return known
        case .differs(let difference):
            throw LockstepError(
                .schemaMismatch,
                """
                The members host "\(group)" with actors that do not go together: \(difference). Run releases that \
                agree, or give the group another name.
                """
            )
        case .layoutDiffers(let other):
            throw LockstepError(
                .layoutMismatch,
                """
                The members lay "\(group)" out differently: this node as \(layout), the others as \(other). Give the \
                group the same layout on all of them.
                """
            )
        case .pollerDiffers(let other):
            throw LockstepError(
                .layoutMismatch,
                """
                The members give "\(group)" different pollers: this node number \(strand), the others number \(other). Host it \
                with the same `poller` in the options of all of them.
                """
            )
        case .stateLost:
            throw CallChannel.stateLost(group)
        case .misplaced:
            throw LockstepError(.corruptMemory, "The members refuse the memory of \"\(group)\" on this node.")
        }
    }

    /// Takes the shard back.
    func close(because error: LockstepError) {
        let shard = shard
        queue.poller.run { $0.remove(shard: shard, because: error) }
    }

    static func stateLost(_ group: GroupID) -> LockstepError {
        LockstepError(
            .stateLost,
            """
            Every member that had the state of "\(group)" is gone, and its state with them. Host it under another \
            name to begin anew.
            """
        )
    }

    static func suspended(_ group: GroupID, _ reason: String) -> LockstepError {
        LockstepError(
            .groupSuspended, "The group \"\(group)\" is suspended: \(reason). Start more nodes that host it, or wait."
        )
    }

    static func notReplica(_ group: GroupID, _ replicas: [String]) -> LockstepError {
        LockstepError(
            .notReplica,
            """
            This node has no replica of "\(group)" in this view: call it on \(replicas.joined(separator: ", ")). It takes over \
            when one of those is gone.
            """
        )
    }

    static func notRestored(_ group: GroupID, _ error: any Error) -> LockstepError {
        LockstepError(
            .decodingFailed, "The state of \"\(group)\" that another member has given cannot be taken: \(error)",
            cause: error
        )
    }

    static func notGiven(_ group: GroupID, _ reason: String) -> LockstepError {
        LockstepError(.encodingFailed, "No member can give the state of \"\(group)\": \(reason)")
    }

    static let hasLeft = LockstepError(.notMember, "This node has left its cluster. Join again to go on.")
}
