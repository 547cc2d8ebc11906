import LockstepFabric
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
    public var byteCountMax: Int { channel.current.queue.payloadMax }

    /// Sends a message and returns as soon as its place among this node's messages is fixed.
    ///
    /// - Throws: What `fill` throws, ``LockstepError``, or `CancellationError` if the task is cancelled while it waits
    ///   for room.
    @inlinable
    nonisolated(nonsending) public func post(byteCount: Int, _ fill: (inout MutableRawSpan) throws -> Void) async throws
    {
        try await post(upTo: 1, byteCount: byteCount) { try fill(&$1) }
    }

    /// Sends up to `count` messages of one length, as many as there is room for and at least one, and returns how many.
    /// `fill` is given the number of each, from 0. If it throws, the messages before that are sent.
    @inlinable
    @discardableResult
    nonisolated(nonsending) public func post(
        upTo count: Int, byteCount: Int, _ fill: (Int, inout MutableRawSpan) throws -> Void
    ) async throws -> Int {
        guard count > 0 else { return 0 }
        let group = present
        var space = try group.claimNow(byteCount, upTo: count)
        if space == nil { space = try await group.claim(byteCount, upTo: count) }
        guard let space else { return 0 }
        for index in 0..<space.count {
            do {
                var span = space.bytes(index).mutableBytes
                try fill(index, &span)
            } catch {
                group.withdraw(space, from: index)
                throw error
            }
        }
        try group.commit(space)
        return space.count
    }

    /// Sends a message and waits until it is stable, which is when every member holds it, and has been received here.
    /// Returns its position.
    ///
    /// A task that is cancelled while it waits for room has sent nothing, and gets `CancellationError`; later, it gets
    /// ``LockstepError/Code/outcomeUnknown``.
    @inlinable
    @discardableResult
    nonisolated(nonsending) public func send(byteCount: Int, _ fill: (inout MutableRawSpan) throws -> Void) async throws
        -> UInt64
    {
        let group = present
        var space = try group.claimNow(byteCount, upTo: 1)
        if space == nil { space = try await group.claim(byteCount, upTo: 1) }
        guard let space else { return 0 }
        do {
            var span = space.bytes(0).mutableBytes
            try fill(&span)
        } catch {
            group.withdraw(space, from: 0)
            throw error
        }
        return try await group.commitAwaiting(space).value()
    }

    /// Looks at this node's receiver, or changes it, between two messages.
    public func read<Value: Sendable>(_ body: @escaping @Sendable (inout Receiver) -> Value) async throws -> Value {
        try await channel.current.onPoller { loop, shard in
            (loop.replica(shard: shard) as? RawReplica<Receiver>).map { body(&$0.receiver.value) }
        }
    }

    /// How the group stands here. ``GroupStatus/updates`` counts the messages received; there is no state to hash.
    public func status() async throws -> GroupStatus {
        try await channel.current.status()
    }

    // MARK: - Space in the ring

    /// The group for the node's present incarnation: space is given back where it was claimed.
    @usableFromInline
    var present: RawGroup { RawGroup(channel.current) }

    @usableFromInline
    nonisolated(nonsending) func claim(_ byteCount: Int, upTo count: Int) async throws -> RingSpace {
        try await channel.queue.waitForSpace(byteCount, upTo: count, deadline: channel.deadline)
    }

    /// A call that may wait costs more than one that may not, so this is tried first.
    @usableFromInline
    func claimNow(_ byteCount: Int, upTo count: Int) throws -> RingSpace? {
        try channel.queue.claimNow(byteCount, upTo: count)
    }

    @usableFromInline
    func commit(_ space: RingSpace) throws { try channel.queue.commit(space) }

    @usableFromInline
    func commitAwaiting(_ space: RingSpace) throws -> PendingReply {
        let reply = PendingReply()
        reply.deadline = channel.deadline
        try channel.queue.commit(space, awaiting: reply)
        return reply
    }

    @usableFromInline
    func withdraw(_ space: RingSpace, from index: Int) { channel.queue.withdraw(space, from: index) }
}

/// Hands the messages of a raw group to its receiver.
final class RawReplica<Receiver: RawReceiver>: Replica, ReplicaState {
    fileprivate let receiver: ThreadBound<Receiver>
    private let count = ThreadBound<UInt64>(0)
    private let messages = MessageBuffer()

    init(_ receiver: Receiver) { self.receiver = ThreadBound(receiver) }

    func deliver(from core: inout OrderedMulticast, own: inout OwnMessages) throws(ProtocolError) -> Bool {
        var count = 0
        var hasMore = true
        while hasMore {
            let batch = try messages.take(from: &core)
            hasMore = batch.count == MessageBuffer.capacity
            guard !batch.isEmpty else { break }
            count += batch.count
            receiver.value.receive(RawBatch(batch))
            own.take(batch, stable: core.stable)
        }
        own.noteStable(below: core.stable)
        self.count.value += UInt64(count)
        return count > 0
    }

    var updates: UInt64 { count.value }

}
