/// A group as its members and clients call it. ``ReplicatedActor/Handle`` wraps it with the methods of the actor.
public struct Group<Replica: ReplicatedActor>: Sendable {
    let way: GroupWay
    /// What the queries of this handle may miss.
    public let consistency: Consistency
    /// The way of a member, for its present incarnation.
    var channel: CallChannel { get throws(LockstepError) { try way.channel } }

    init(_ way: GroupWay, _ consistency: Consistency) {
        self.way = way
        self.consistency = consistency
    }

    init(_ channel: CallChannel) { self.init(.member(channel), .linearizable) }

    init(_ channel: ClientChannel) { self.init(.client(channel), .linearizable) }

    /// The group's name.
    public var id: GroupID { way.group }

    /// For how long the others may have gone on without this process: on a member, what ``Node/timeOutOfTouch`` says; in a
    /// client, the time since it sent the last that the group has heard of it. The group keeps the client's session for
    /// ``ClientConfiguration/sessionTimeout`` after that, by the clocks of the members.
    public var timeOutOfTouch: Duration {
        switch way {
        case .member(let channel): .nanoseconds(channel.current.registry.pollers.lease.age)
        case .client(let client): .nanoseconds(client.session.silence)
        }
    }

    /// How the group stands here. The hash and the count belong together: no update runs between them.
    ///
    /// - Throws: ``LockstepError/Code/notMember`` after the node has left.
    public func status() async throws -> GroupStatus {
        try await channel.status()
    }

    /// Why this node's replica could not be made anew from a snapshot, if it could not.
    package func restoringFailure() async throws -> (any Error)? {
        try await channel.onReplica { $0.restoringFailure }
    }

    /// From now on this member does what updates leave to be done, or another one does.
    package func become(doer: Bool) async throws {
        try await channel.onPoller { loop, shard in loop.become(doer: doer, shard: shard) }
    }

    /// What became of a call to this group: of any member's, in this view.
    ///
    /// - Throws: ``LockstepError/Code/notMember`` after the node has left.
    public func outcome(of call: CallID) async throws -> CallOutcome {
        try await channel.outcome(of: call)
    }

    /// Runs an update on every replica, in the total order, and returns the result of this node's own.
    ///
    /// The handle's methods call this; `method` is its number in ``ActorSchema``.
    ///
    /// A task that is cancelled while it waits for room has sent nothing, and gets `CancellationError`; later, the
    /// outcome is unknown.
    ///
    /// - Throws: What the method throws, or a ``LockstepError``.
    @inlinable
    public nonisolated(nonsending) func update<Result: Codable & Sendable>(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> Result {
        if let sent = try await send(method, isAwaited: true, arguments) { return try await sent.reply.value() }
        return try await updateAsClient(method, arguments)
    }

    /// Runs an update without a result.
    @inlinable
    public nonisolated(nonsending) func update(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws {
        if let sent = try await send(method, isAwaited: true, arguments) {
            return try await sent.reply.value(as: Void.self)
        }
        try await updateAsClient(method, arguments)
    }

    /// Sends an update and returns as soon as it has its place among this node's: many may be in flight.
    ///
    /// The methods of the handle's pipeline call this.
    @inlinable
    public nonisolated(nonsending) func begin<Result: Codable & Sendable>(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> Call<Result> {
        if let sent = try await send(method, isAwaited: false, arguments) { return Call(sent) }
        return try await beginAsClient(method, arguments)
    }

    /// Sends an update without a result.
    @inlinable
    public nonisolated(nonsending) func begin(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> Call<Void> {
        if let sent = try await send(method, isAwaited: false, arguments) { return Call(sent) }
        return try await beginAsClient(method, arguments)
    }

    /// Sends an update of a member; nil if this is a client. Most find room for it at once, and so they need no
    /// asynchronous function but their own.
    @inlinable @inline(__always)
    nonisolated(nonsending) func send(
        _ method: UInt32, isAwaited: Bool, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> SentCall? {
        switch try sendNow(method, isAwaited: isAwaited, arguments) {
        case .sent(let sent): return sent
        case .unsent(let call): return try await call.send()
        case nil: return nil
        }
    }

    @usableFromInline
    func sendNow(
        _ method: UInt32, isAwaited: Bool, _ arguments: (inout CallArguments) throws -> Void
    ) throws -> SendAttempt? {
        guard case .member(let channel) = way else { return nil }
        return try channel.sendNow(method, isAwaited: isAwaited, arguments)
    }

    @usableFromInline
    nonisolated(nonsending) func updateAsClient<Result: Codable & Sendable>(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> Result {
        try await way.client.update(method, arguments) { try WireReader.value(in: $0) }
    }

    @usableFromInline
    nonisolated(nonsending) func updateAsClient(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws {
        try await way.client.update(method, arguments) { _ in }
    }

    @usableFromInline
    nonisolated(nonsending) func beginAsClient<Result: Codable & Sendable>(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> Call<Result> {
        Call(try await way.client.begin(method, arguments), ClientResults { try WireReader.value(in: $0) })
    }

    @usableFromInline
    nonisolated(nonsending) func beginAsClient(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> Call<Void> {
        Call(try await way.client.begin(method, arguments), ClientResults { _ in })
    }

    /// Asks this node's replica, or a client's member. What it sees is as ``consistency`` says.
    public nonisolated(nonsending) func query<Result: Codable & Sendable>(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> Result {
        switch way {
        case .member(let channel):
            let channel = channel.current
            return try await channel.queue.outcome(of: try channel.ask(method, consistency, arguments))
        case .client(let client):
            return try WireReader.value(in: try await client.ask(nil, method, consistency, arguments))
        }
    }

    /// Asks for something without a result, which may still throw.
    public nonisolated(nonsending) func query(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws {
        switch way {
        case .member(let channel):
            let channel = channel.current
            try await channel.queue.outcome(of: try channel.ask(method, consistency, arguments), as: Void.self)
        case .client(let client): _ = try await client.ask(nil, method, consistency, arguments)
        }
    }
}

/// How a group is called.
enum GroupWay: Sendable {
    case member(CallChannel)
    case client(ClientChannel)

    var group: GroupID {
        switch self {
        case .member(let channel): channel.group
        case .client(let client): client.group
        }
    }

    /// The way of a member, for its present incarnation.
    var channel: CallChannel {
        get throws(LockstepError) {
            switch self {
            case .member(let channel): return channel.current
            case .client:
                throw LockstepError(
                    .unsupported, "This takes a member of the cluster, and a client is none: do it on a node.")
            }
        }
    }

    /// The way of a client, which this must be.
    var client: ClientChannel {
        guard case .client(let client) = self else { preconditionFailure("a member calls as a member") }
        return client
    }
}
