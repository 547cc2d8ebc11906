/// A group as its members call it. ``ReplicatedActor/Handle`` wraps it with the methods of the actor.
public struct Group<Replica: ReplicatedActor>: Sendable {
    private let first: CallChannel
    /// What the queries of this handle may miss.
    public let consistency: Consistency
    /// The way for the node's present incarnation.
    var channel: CallChannel { first.current }

    init(_ channel: CallChannel, _ consistency: Consistency = .linearizable) {
        first = channel
        self.consistency = consistency
    }

    /// The group's name.
    public var id: GroupID { first.group }

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
    public nonisolated(nonsending) func update<Result: Codable & Sendable>(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> Result {
        try await channel.send(method, isAwaited: true, arguments).value()
    }

    /// Runs an update without a result.
    public nonisolated(nonsending) func update(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws {
        try await channel.send(method, isAwaited: true, arguments).value(as: Void.self)
    }

    /// Sends an update and returns as soon as it has its place among this node's: many may be in flight.
    ///
    /// The methods of the handle's pipeline call this.
    public nonisolated(nonsending) func begin<Result: Codable & Sendable>(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> Call<Result> {
        let channel = channel
        return Call(try await channel.send(method, arguments), channel.queue)
    }

    /// Sends an update without a result.
    public nonisolated(nonsending) func begin(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> Call<Void> {
        let channel = channel
        return Call(try await channel.send(method, arguments), channel.queue)
    }

    /// Asks this node's replica. What it sees is as ``consistency`` says.
    public nonisolated(nonsending) func query<Result: Codable & Sendable>(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> Result {
        let channel = channel
        return try await channel.queue.outcome(of: try channel.ask(method, consistency, arguments))
    }

    /// Asks for something without a result, which may still throw.
    public nonisolated(nonsending) func query(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws {
        let channel = channel
        try await channel.queue.outcome(of: try channel.ask(method, consistency, arguments), as: Void.self)
    }
}
