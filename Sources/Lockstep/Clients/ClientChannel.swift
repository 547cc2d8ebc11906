import DequeModule
import Synchronization

/// The way from any task of a client to a group.
final class ClientChannel: Sendable {
    /// Whoever begins more updates without waiting for them waits for the first.
    private static let begunMax = 256

    let core: ClientCore
    let group: GroupID
    let session: ClientSession
    private let schema: ActorSchema
    /// Those that were begun and not waited for.
    private let begun = Mutex<Deque<PendingReply>>([])
    private let isWatching = Mutex(false)

    init(
        _ core: ClientCore, _ group: GroupID, _ schema: ActorSchema, _ policy: MemberPolicy, changes: ChangeFeed,
        decode: @escaping @Sendable ([UInt8]) throws -> any Sendable
    ) {
        self.core = core
        self.group = group
        self.schema = schema
        let bytes = (try? WireWriter.bytes(of: schema)) ?? []
        session = ClientSession(group, policy, schema: bytes, changes: ClientChanges(changes, decode: decode))
    }

    // Nobody has the handle any more.
    deinit { submit(.close, PendingReply(), deadline: core.configuration.callTimeout.deadline) }

    /// Who is in the cluster.
    var members: [View.Member] { core.orders.members }

    func open() async throws {
        guard session.schema.count <= ClientLimit.argumentsBytesMax else {
            throw tooLarge(session.schema.count, "The description of the actor")
        }
        let reply = PendingReply(onCancel: .ends)
        submit(.open(nonce: .random(in: .min ... .max)), reply)
        _ = try await reply.value(as: ClientAnswer.self)
    }

    private func submit(_ content: ClientCall.Content, _ reply: PendingReply, deadline: Int64? = nil) {
        let deadline = deadline ?? core.configuration.callTimeout.deadline
        core.orders.give(.submit(ClientCall(content, reply, in: session, deadline: deadline)))
    }

    // MARK: - Calls

    /// Sends an update; its outcome is a ``ClientAnswer``.
    func send(_ method: UInt32, _ arguments: (inout CallArguments) throws -> Void) throws -> PendingReply {
        try Task.checkCancellation()
        let reply = PendingReply()
        submit(.update(method: method, arguments: try encode(arguments)), reply)
        return reply
    }

    nonisolated(nonsending) func update<Value: Sendable>(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void, decode: ([UInt8]) throws -> Value
    ) async throws -> Value {
        try await Self.value(of: try send(method, arguments), decode)
    }

    /// Sends an update that others may follow before it is answered.
    nonisolated(nonsending) func begin(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> PendingReply {
        let first = begun.withLock { begun in
            while begun.first?.isAnswered == true { begun.removeFirst() }
            return begun.count >= Self.begunMax ? begun.first : nil
        }
        // In a task of its own, so that cancelling this one does not end that call.
        if let first { await Task { _ = try? await first.value(as: ClientAnswer.self) }.value }
        let reply = try send(method, arguments)
        begun.withLock { $0.append(reply) }
        return reply
    }

    /// Runs a query at a member, or a direct method at a certain one.
    nonisolated(nonsending) func ask(
        _ member: View.Member?, _ method: UInt32, _ consistency: Consistency,
        _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> [UInt8] {
        let target = member.map { ClientQuestion.Target.one($0.incarnation) } ?? .any
        let reply = try begin(target, method, consistency, arguments)
        return try await reply.value(as: ClientAnswer.self).outcome.value
    }

    /// Runs a query or a direct method on every replica.
    nonisolated(nonsending) func askAll(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> [MemberAnswer] {
        try await begin(.all, method, .linearizable, arguments).value()
    }

    private func begin(
        _ target: ClientQuestion.Target, _ method: UInt32, _ consistency: Consistency,
        _ arguments: (inout CallArguments) throws -> Void
    ) throws -> PendingReply {
        try Task.checkCancellation()
        let kind = schema.methods.first { $0.number == method }?.kind
        guard kind == .query || target != .any && kind == .direct else {
            throw LockstepError(
                .unsupported, "The method \(ActorSchema.text(ofNumber: method)) is no query: call it as an update."
            )
        }
        let isQuery = kind == .query
        let question = ClientQuestion(
            target: target, isQuery: isQuery, way: isQuery ? consistency.way : .local, method: method,
            arguments: try encode(arguments))
        let reply = PendingReply(onCancel: isQuery ? .ends : .leavesUnknown)
        submit(.ask(question), reply)
        return reply
    }

    private func encode(_ arguments: (inout CallArguments) throws -> Void) throws -> [UInt8] {
        var call = CallArguments()
        try call.addAll(arguments)
        guard call.byteCount <= ClientLimit.argumentsBytesMax else { throw tooLarge(call.byteCount, "The call") }
        return call.bytes
    }

    private func tooLarge(_ count: Int, _ what: String) -> LockstepError {
        LockstepError(
            .messageTooLarge,
            "\(what) takes \(count) bytes, and what a client sends at most \(ClientLimit.argumentsBytesMax). Split it.")
    }

    /// The outcome of an update.
    static nonisolated(nonsending) func value<Value: Sendable>(
        of reply: PendingReply, _ decode: ([UInt8]) throws -> Value
    ) async throws -> Value {
        try decode(try await reply.value(as: ClientAnswer.self).outcome.value)
    }

    // MARK: - Changes

    /// What the group publishes from now on, or behind a version.
    func watch(after version: UInt64? = nil) -> ChangeFeed {
        let begins = isWatching.withLock { isWatching in
            defer { isWatching = true }
            return !isWatching
        }
        if begins {
            session.changes.begin(after: version)
            submit(.watch, PendingReply(), deadline: .max)
        }
        return session.changes.feed
    }
}
