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
        if let sent = try sendNow(method, isAwaited: true, arguments) { return try await sent.reply.value() }
        return try await updateLater(method, arguments)
    }

    /// Runs an update without a result.
    @inlinable
    public nonisolated(nonsending) func update(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws {
        if let sent = try sendNow(method, isAwaited: true, arguments) {
            return try await sent.reply.value(as: Void.self)
        }
        try await updateLater(method, arguments)
    }

    /// Sends an update and returns as soon as it has its place among this node's: many may be in flight.
    ///
    /// The methods of the handle's pipeline call this.
    @inlinable
    public nonisolated(nonsending) func begin<Result: Codable & Sendable>(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> Call<Result> {
        if let sent = try sendNow(method, isAwaited: false, arguments) { return Call(sent) }
        return try await beginLater(method, arguments)
    }

    /// Sends an update without a result.
    @inlinable
    public nonisolated(nonsending) func begin(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> Call<Void> {
        if let sent = try sendNow(method, isAwaited: false, arguments) { return Call(sent) }
        return try await beginLater(method, arguments)
    }

    /// Sends an update of a member for which there is room now. Most find it, and so they need no asynchronous function
    /// but their own.
    @usableFromInline
    func sendNow(
        _ method: UInt32, isAwaited: Bool, _ arguments: (inout CallArguments) throws -> Void
    ) throws -> SentCall? {
        guard case .member(let channel) = way else { return nil }
        return try channel.current.sendNow(method, isAwaited: isAwaited, arguments)
    }

    // A member's update for which there is no room yet, and all that a client does.

    @usableFromInline
    nonisolated(nonsending) func updateLater<Result: Codable & Sendable>(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> Result {
        try await updateLater(method, arguments) { try WireReader.value(in: $0) }
    }

    @usableFromInline
    nonisolated(nonsending) func updateLater(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws {
        try await updateLater(method, arguments) { _ in }
    }

    @usableFromInline
    nonisolated(nonsending) func beginLater<Result: Codable & Sendable>(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> Call<Result> {
        try await beginLater(method, arguments) { try WireReader.value(in: $0) }
    }

    @usableFromInline
    nonisolated(nonsending) func beginLater(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> Call<Void> {
        try await beginLater(method, arguments) { _ in }
    }

    private nonisolated(nonsending) func updateLater<Result: Sendable>(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void, decode: ([UInt8]) throws -> Result
    ) async throws -> Result {
        switch way {
        case .member(let channel): try await channel.current.send(method, arguments).reply.value()
        case .client(let client): try await client.update(method, arguments, decode: decode)
        }
    }

    private nonisolated(nonsending) func beginLater<Result>(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void,
        decode: @escaping @Sendable ([UInt8]) throws -> Result
    ) async throws -> Call<Result> {
        switch way {
        case .member(let channel): Call(try await channel.current.send(method, arguments))
        case .client(let client):
            Call(try await client.begin(method, arguments), ClientResults(decode: decode))
        }
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
}
