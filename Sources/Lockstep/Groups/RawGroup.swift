import LockstepProtocol

/// A group whose messages are bytes, for those who bring their own encoding.
///
/// ```swift
/// let ticks = try await node.hostRaw("ticks") { Ticker() }
/// try await ticks.post(byteCount: 8) { $0.storeBytes(of: 42, as: UInt64.self) }
/// let last = try await ticks.read { $0.last }
/// ```
///
/// Bytes are written where the other members read them: into this node's ring. When it is full, tasks wait, in the
/// order in which they came. A closure that throws withdraws its message.
public struct RawGroup<Receiver: RawReceiver>: Sendable {
    private let channel: CallChannel

    init(_ channel: CallChannel) { self.channel = channel }

    /// The group's name.
    public var id: GroupID { channel.group }

    /// The longest message, in bytes; 0 if this member does not send.
    public var byteCountMax: Int { channel.queue.payloadMax }

    /// Sends a message and returns as soon as its place among this node's messages is fixed.
    ///
    /// - Throws: What `fill` throws, ``LockstepError``, or `CancellationError` if the task is cancelled while it waits
    ///   for room.
    public func post(byteCount: Int, _ fill: (inout MutableRawSpan) throws -> Void) async throws {
        let space = try await channel.queue.claim(byteCount, upTo: 1, timeout: channel.timeout)
        try write(space, 0, fill)
        try channel.queue.commit(space)
    }

    /// Sends up to `count` messages of one length, as many as there is room for and at least one, and returns how many.
    /// `fill` is given the number of each, from 0. If it throws, the messages before that are sent.
    @discardableResult
    public func post(
        upTo count: Int, byteCount: Int, _ fill: (Int, inout MutableRawSpan) throws -> Void
    ) async throws -> Int {
        guard count > 0 else { return 0 }
        let space = try await channel.queue.claim(byteCount, upTo: count, timeout: channel.timeout)
        for index in 0..<space.claim.count { try write(space, index) { try fill(index, &$0) } }
        try channel.queue.commit(space)
        return space.claim.count
    }

    /// Sends a message and waits until it is stable, which is when every member holds it, and has been received here.
    /// Returns its position.
    ///
    /// Cancelling the task does not withdraw a message that has been written.
    @discardableResult
    public func send(byteCount: Int, _ fill: (inout MutableRawSpan) throws -> Void) async throws -> UInt64 {
        let space = try await channel.queue.claim(byteCount, upTo: 1, timeout: channel.timeout)
        try write(space, 0, fill)
        let deadline = channel.timeout.deadline
        return try await withUnsafeThrowingContinuation { continuation in
            let reply = PendingReply<UInt64>(continuation)
            do {
                try channel.queue.commit(space, waiting: .raw(reply, deadline: deadline))
            } catch {
                reply.fail(error)
            }
        }
    }

    /// Looks at this node's receiver, or changes it, between two messages.
    public func read<Value: Sendable>(_ body: @escaping @Sendable (inout Receiver) -> Value) async throws -> Value {
        try await channel.onPoller { loop, shard in
            (loop.replica(shard: shard) as? RawReplica<Receiver>).map { body(&$0.receiver) }
        }
    }

    /// How the group stands here. ``GroupStatus/updates`` counts the messages received; there is no state to hash.
    public func status() async throws -> GroupStatus {
        try await channel.onPoller { loop, shard in loop.status(shard: shard) }
    }

    private func write(
        _ space: SendQueue.Space, _ index: Int, _ fill: (inout MutableRawSpan) throws -> Void
    ) throws {
        do {
            try channel.queue.write(space, at: index, fill)
        } catch {
            channel.queue.withdraw(space, from: index)
            throw error
        }
    }
}

/// Hands the messages of a raw group to its receiver.
final class RawReplica<Receiver: RawReceiver>: Replica {
    fileprivate(set) var receiver: Receiver
    private(set) var updates: UInt64 = 0

    init(_ receiver: Receiver) { self.receiver = receiver }

    func deliver(from core: inout OrderedMulticast, own: inout OwnMessages) throws(ProtocolError) -> Bool {
        let before = updates
        while let message = try core.next() {
            updates += 1
            receiver.receive(
                RawMessage(sender: message.sender, position: message.position), message.payload.bytes
            )
            if case .raw(let reply, let deadline) = own.take(message) {
                own.unstable.append((message.position, reply, deadline))
            }
        }
        while let first = own.unstable.first, first.position < core.stable {
            own.unstable.removeFirst()
            first.reply.succeed(first.position)
        }
        return updates > before
    }

    func stateHash() -> UInt64 { 0 }
}
