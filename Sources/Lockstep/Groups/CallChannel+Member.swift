extension CallChannel {
    /// Runs a query or a direct method at one replica.
    ///
    /// - Throws: Why it did not run, or why it is not known what it came to.
    nonisolated(nonsending) func ask(
        _ member: View.Member, _ number: UInt32, _ consistency: Consistency,
        _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> EncodedAnswer {
        try Task.checkCancellation()
        let deadline = deadline
        let present = try await self.present(deadline)
        guard let target = present.replicas.first(where: { $0.incarnation == member.incarnation }) else {
            throw MemberCalls.notMember(member, group)
        }
        try queue.checkMissing { missing throws(LockstepError) in try check(number, missing) }
        let isQuery = method(number)?.isQuery == true
        let calls = memberCalls
        var call = CallArguments()
        try encode(number, as: .askedQuery, question: calls.nextQuestion(), arguments, into: &call)
        let sizeMax = MemberCallBytes.payloadMax(in: group)
        guard call.byteCount <= sizeMax else {
            throw LockstepError(
                .messageTooLarge,
                "The call takes \(call.byteCount) bytes, and one to a single member at most \(sizeMax). Split it."
            )
        }
        let bytes = MemberCallBytes(
            group: group, view: present.view, way: isQuery ? consistency.way : .local,
            patience: max(0, deadline - now()), payload: call.bytes)
        return try await calls.make(
            MemberCalls.OutgoingCall(member: target, bytes: bytes, isQuery: isQuery, deadline: deadline))
    }

    /// The replicas, as soon as the group is active here.
    private nonisolated(nonsending) func present(
        _ deadline: Int64
    ) async throws -> (view: UInt64, replicas: [View.Member]) {
        if let present = try queue.present() { return present }
        let reply = PendingReply(onCancel: .ends)
        queue.ask(OutgoingQuery(content: .nothing, way: .local, deadline: deadline, reply: reply))
        try await queue.outcome(of: reply, as: Void.self)
        guard let present = try queue.present() else { preconditionFailure("an active group must have replicas") }
        return present
    }

    /// The replica behind this node's own in rank, and behind the last one the first; nil without another.
    var next: View.Member? {
        let (members, me) = (members, registry.view.me)
        guard members.count > 1, let place = members.firstIndex(where: { $0.incarnation == me.incarnation }) else {
            return nil
        }
        return members[(place + 1) % members.count]
    }
}

extension Group {
    /// The replicas of the present view, in rank order; before the group is active, and in a client, the members of the
    /// cluster.
    public var members: [View.Member] {
        switch way {
        case .member(let channel): channel.current.members
        case .client(let client): client.members
        }
    }

    /// The group at one member alone. The handle's `on(_:)` wraps it with the methods of the actor.
    public func on(_ member: View.Member) -> GroupMember<Replica> { GroupMember(self, member) }

    /// The group at the replica behind this node's own in rank, and behind the last one at the first; nil if there is no
    /// other, and in a client.
    public var next: GroupMember<Replica>? { (try? channel.next).map { GroupMember(self, $0) } }

    fileprivate nonisolated(nonsending) func ask<Value: Sendable>(
        _ member: View.Member, _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void,
        decode: ([UInt8]) throws -> Value
    ) async throws -> Value {
        switch way {
        case .member(let channel):
            let answer = try await channel.current.ask(member, method, consistency, arguments)
            return try Answer(member, answer, decode: decode).value
        case .client(let client): return try decode(try await client.ask(member, method, consistency, arguments))
        }
    }
}

/// A group at one member alone, for the code that ``Replicated(level:)`` generates.
///
/// ```swift
/// for member in inventory.group.members {
///     print(member.name, try await inventory.on(member).quantity(of: "bolt"))
/// }
/// ```
///
/// What goes wrong is a ``LockstepError``. The method did not run there if its code is
/// ``LockstepError/Code/notReplica``, because the member has no replica in the present view,
/// ``LockstepError/Code/notExecuted``, or another that says so. It may have run if that is
/// ``LockstepError/Code/outcomeUnknown`` or ``LockstepError/Code/noAnswer``. What it threw comes as
/// ``LockstepError/Code/methodThrew``, with its description.
public struct GroupMember<Replica: ReplicatedActor>: Sendable {
    private let group: Group<Replica>
    /// Who is called.
    public let member: View.Member

    init(_ group: Group<Replica>, _ member: View.Member) { (self.group, self.member) = (group, member) }

    /// Runs a query or a direct method at the member.
    ///
    /// A task that is cancelled before the call was sent gets `CancellationError`, as does one that waits for a query.
    ///
    /// - Throws: A ``LockstepError``, or `CancellationError`.
    public nonisolated(nonsending) func ask<Value: Codable & Sendable>(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> Value {
        try await group.ask(member, method, arguments) { try WireReader.value(in: $0) }
    }

    /// Does the same with a method without a result.
    public nonisolated(nonsending) func ask(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws {
        try await group.ask(member, method, arguments) { _ in }
    }
}
