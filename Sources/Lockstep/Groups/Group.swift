/// A group as its members call it. ``ReplicatedActor/Handle`` wraps it with the methods of the actor.
public struct Group<Replica: ReplicatedActor>: Sendable {
    private let channel: CallChannel

    init(_ channel: CallChannel) { self.channel = channel }

    /// The group's name.
    public var id: GroupID { channel.group }

    /// How the group stands here. The hash and the count belong together: no update runs between them.
    ///
    /// - Throws: ``LockstepError/Code/notMember`` after the node has left.
    public func status() async throws -> GroupStatus {
        try await channel.onPoller { loop, shard in loop.status(shard: shard) }
    }

    /// Runs an update on every replica, in the total order, and returns the result of this node's own.
    ///
    /// The handle's methods call this; `method` is its number in ``ActorSchema``.
    ///
    /// Cancelling the task does not withdraw the call.
    ///
    /// - Throws: What the method throws, or a ``LockstepError``.
    public func update<Result: Codable & Sendable>(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> Result {
        try await channel.call(try encode(method, arguments), isQuery: false)
    }

    /// Runs an update without a result.
    public func update(_ method: UInt32, _ arguments: (inout CallArguments) throws -> Void) async throws {
        try await channel.call(try encode(method, arguments), isQuery: false, returning: Void.self)
    }

    /// Asks this node's replica, at a point in the order after every update that has returned to anybody.
    public func query<Result: Codable & Sendable>(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> Result {
        try await channel.call(try encode(query: method, arguments), isQuery: true)
    }

    /// Asks for something without a result, which may still throw.
    public func query(_ method: UInt32, _ arguments: (inout CallArguments) throws -> Void) async throws {
        try await channel.call(try encode(query: method, arguments), isQuery: true, returning: Void.self)
    }

    private func encode(
        query method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) throws -> [UInt8] {
        guard channel.method(method)?.isQuery == true else {
            throw LockstepError(
                .unsupported, "The method 0x\(String(method, radix: 16)) is no query: call it as an update.")
        }
        return try encode(method, arguments)
    }

    private func encode(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) throws -> [UInt8] {
        var call = CallArguments()
        do {
            try arguments(&call)
        } catch {
            throw LockstepError(
                .encodingFailed, "An argument cannot be encoded, so nothing was sent: \(error)", cause: error
            )
        }
        return call.payload(calling: method)
    }
}
