import LockstepProtocol

/// The way from any task to a group that this node hosts.
final class CallChannel: Sendable {
    let group: GroupID
    let schema: ActorSchema
    private let shard: Int
    /// The numbers of the methods that change nothing.
    private let queries: Set<UInt32>
    private let registry: GroupRegistry

    init(group: GroupID, shard: Int, schema: ActorSchema, registry: GroupRegistry) {
        self.group = group
        self.shard = shard
        self.schema = schema
        queries = Set(schema.methods.filter(\.isQuery).map(\.number))
        self.registry = registry
    }

    /// True if a method changes nothing, so that one replica alone may run it.
    func isQuery(_ method: UInt32) -> Bool { queries.contains(method) }

    /// Sends an encoded call and waits for its result.
    func call<Result: Sendable>(
        _ payload: [UInt8], isQuery: Bool, returning: Result.Type = Result.self
    ) async throws -> Result {
        let payloadMax = Record.payloadMax(ring: registry.ringSize)
        guard payload.count <= payloadMax else {
            throw LockstepError(
                .messageTooLarge,
                """
                The call takes \(payload.count) bytes, and a message for "\(group)" at most \(payloadMax). Raise \
                `ringBytes`, or split the call.
                """
            )
        }
        return try await send(payload, isQuery: isQuery)
    }

    /// Runs something between two updates, on the poller.
    func onPoller<Value: Sendable>(_ body: @escaping @Sendable (PollerLoop, Int) -> Value?) async throws -> Value {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
            let shard = shard
            let isTaken = registry.poller.run { loop in
                guard let value = body(loop, shard) else {
                    return continuation.resume(throwing: CallChannel.hasLeft)
                }
                continuation.resume(returning: value)
            }
            if !isTaken { continuation.resume(throwing: CallChannel.hasLeft) }
        }
    }

    /// Makes the shard known to the poller, and then to the other members.
    func open(_ replica: @escaping @Sendable () -> any Replica) async throws {
        let (group, shard) = (group, shard)
        registry.poller.run { $0.add(ShardEngine(group: group, replica: replica()), at: shard) }
        let place = try registry.takePlace()
        do {
            let known = try await register(place)
            if known != place { registry.giveBack(place) }
        } catch let error as LockstepError where error.code != .outcomeUnknown {
            registry.giveBack(place)
            throw error
        }
    }

    /// Tells all members where this node keeps its part of the group; where they know it to be.
    private func register(_ place: ShardPlace) async throws -> ShardPlace {
        let registration = Registration(group: group, schema: schema, place: place)
        let catalogue = CallChannel(
            group: Catalogue.group, shard: Catalogue.shard, schema: schema, registry: registry
        )
        let outcome: Registration.Outcome = try await catalogue.send(try registration.encoded(), isQuery: false)
        switch outcome {
        case .accepted(let known):
            return known
        case .differs(let member, let type):
            throw LockstepError(
                .schemaMismatch,
                """
                "\(member)" hosts "\(group)" with other methods (\(type)) than this node (\(schema.type)). Run the \
                same version of the actor on all members, or give the group another name.
                """
            )
        case .misplaced:
            throw LockstepError(.corruptMemory, "The members refuse the memory of \"\(group)\" on this node.")
        }
    }

    /// Takes the shard back.
    func close(because error: LockstepError) {
        let shard = shard
        registry.poller.run { $0.remove(shard: shard, because: error) }
    }

    private func send<Result: Sendable>(_ payload: [UInt8], isQuery: Bool) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            let call = OutgoingCall(
                shard: shard, payload: payload, isQuery: isQuery, deadline: registry.callTimeout.deadline,
                pending: PendingReply<Result>(continuation)
            )
            if !registry.poller.submit(call) { call.pending.fail(CallChannel.hasLeft) }
        }
    }

    static let hasLeft = LockstepError(.notMember, "This node has left its cluster. Join again to go on.")
}
