/// Does what clients ask a member for.
struct ClientDesk: Sendable {
    let node: String
    let registry: GroupRegistry

    typealias Reply = @Sendable (ClientMessage) -> Void

    /// Begins with a request; returns when it has its place in the order, and answers when it is done.
    func begin(_ request: ClientRequest, as number: UInt64, _ reply: @escaping Reply) async {
        do {
            switch request {
            case .open(let group, let nonce, let timeout, let schema):
                let channel = try registry.channel(to: group)
                try check(schema, channel)
                try await order(.open(nonce: nonce, timeout: timeout), channel, number, reply)
            case .update(let group, let id, let patience, let method, let baggage, let arguments):
                let channel = try registry.channel(to: group)
                guard let described = channel.method(method), described.kind == .update else {
                    throw ClientDesk.noUpdate(method)
                }
                try await order(
                    .ofClient(method, id, baggage: baggage, arguments: arguments), channel, patience: patience, number,
                    reply
                ) { missing throws(LockstepError) in try channel.check(method, missing) }
            case .query(let call): try ask(call, number, reply)
            case .all(let call): try await askAll(call, number, reply)
            case .keep(let group, let key): try await order(.alive(key), try registry.channel(to: group), number, reply)
            case .close(let group, let key):
                try await order(.close(key), try registry.channel(to: group), number, reply)
            case .watch: preconditionFailure("a watch has no place in the order")
            }
        } catch {
            reply(.refusal(number, because: error))
        }
    }

    private func order(
        _ record: SessionRecord, _ channel: CallChannel, _ number: UInt64, _ reply: @escaping Reply
    ) async throws {
        try await order(try .ofSession(record), channel, patience: .max, number, reply) { _ in }
    }

    private func order(
        _ message: CallArguments, _ channel: CallChannel, patience: Int64, _ number: UInt64, _ reply: @escaping Reply,
        unless check: (MissingMethods) throws(LockstepError) -> Void
    ) async throws {
        let pending = PendingReply()
        let deadline = min(channel.deadline, now().deadline(after: patience))
        try await channel.queue.send(message, pending, deadline: deadline, unless: check)
        Task {
            do {
                reply(.answer(number, try await channel.queue.outcome(of: pending, as: ClientAnswer.self)))
            } catch {
                reply(.refusal(number, because: error))
            }
        }
    }

    private func ask(_ bytes: MemberCallBytes, _ number: UInt64, _ reply: @escaping Reply) throws {
        let channel = try registry.channel(to: bytes.group)
        if let refusal = channel.queue.refusal { throw refusal }
        let view = registry.view
        let call = MemberCall(
            caller: view.me.incarnation, group: bytes.group, view: view.number, way: bytes.way,
            deadline: now().deadline(after: bytes.patience), payload: bytes.payload
        ) { answer in
            switch answer {
            case .answered(let answer):
                reply(.answer(number, ClientAnswer(version: 0, outcome: ClientOutcome(answer))))
            case .refused(let reason):
                reply(.refusal(number, because: LockstepError(.notExecuted, "The member did not run it: \(reason)")))
            }
        }
        if !channel.queue.poller.run({ $0.serve(call) }) { throw CallChannel.hasLeft }
    }

    private func askAll(_ bytes: MemberCallBytes, _ number: UInt64, _ reply: @escaping Reply) async throws {
        let channel = try registry.channel(to: bytes.group)
        let asked = try await channel.beginAsking(bytes)
        Task {
            do {
                let answers = try await channel.answers(to: asked)
                // Who is out of the cluster did not wait for the others.
                if let refusal = channel.queue.refusal { throw LockstepError.unknown(after: refusal) }
                for (member, answer) in answers {
                    reply(.said(number, rank: member.rank, MeshNode(member), ClientOutcome(answer)))
                }
                reply(.answer(number, ClientAnswer(version: 0, outcome: .result([]))))
            } catch {
                reply(.refusal(number, because: error))
            }
        }
    }

    private func check(_ schema: [UInt8], _ channel: CallChannel) throws {
        let theirs: ActorSchema = try WireReader.value(in: schema)
        guard let difference = theirs.difference(from: channel.schema, here: "the client", there: node) else { return }
        throw LockstepError(
            .schemaMismatch,
            """
            The group "\(channel.group)" has an actor that does not go together with the client's: \(difference). Run a \
            release of the client that agrees, or call another group.
            """
        )
    }

    private static func noUpdate(_ method: UInt32) -> LockstepError {
        LockstepError(
            .schemaMismatch, "The group's actor has no update \(ActorSchema.text(ofNumber: method)) in this release.")
    }
}

extension ClientMessage {
    /// What tells a client that something was not done, or cannot be known.
    static func refusal(_ number: UInt64, because error: any Error) -> ClientMessage {
        let error = error as? LockstepError ?? LockstepError(.notExecuted, "The member did not run it: \(error)")
        return .refusal(number, code: error.code.description, sentence: error.message)
    }
}
