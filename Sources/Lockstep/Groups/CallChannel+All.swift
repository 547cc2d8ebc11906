extension CallChannel {
    /// Runs a method on every replica, and returns what each of them says, by rank.
    ///
    /// - Throws: Why it was not sent. After that there are answers, and errors for those who did not give one.
    nonisolated(nonsending) func askAll(
        _ number: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> [MemberAnswer] {
        try Task.checkCancellation()
        return try await answers(
            to: beginAsking(number, baggage: CallBaggage.current(), deadline: deadline, arguments))
    }

    /// Asks every replica for what a client wants to hear of them.
    ///
    /// - Throws: Why it was not sent.
    nonisolated(nonsending) func beginAsking(_ bytes: MemberCallBytes) async throws -> AskedMembers {
        let payload = bytes.payload
        guard let header = payload.withUnsafeBytes({ CallHeader($0) }), let method = method(header.method),
            method.kind != .update
        else { throw LockstepError(.schemaMismatch, "The group's actor has no such query in this release.") }
        return try await beginAsking(
            method.number, baggage: payload.withUnsafeBytes { Array(header.baggage(in: $0)) },
            deadline: min(deadline, now().deadline(after: bytes.patience))
        ) { call in
            call.add(encodedBytes: payload.withUnsafeBytes { Array(header.arguments(in: $0)) })
        }
    }

    /// Asks every replica; returns when that has its place among what this member sends.
    private nonisolated(nonsending) func beginAsking(
        _ number: UInt32, baggage: [UInt8]?, deadline: Int64, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> AskedMembers {
        let (question, reply) = queue.questions.open()
        let changesNothing = method(number).map { $0.kind != .update } ?? false
        do {
            var call = CallArguments()
            call.begin(
                number, as: changesNothing ? .askedQuery : .askedUpdate, question: question, baggage: baggage)
            try call.addAll(arguments)
            try await send(number, call, nil, deadline: deadline)
        } catch {
            queue.questions.finish(question, because: CallChannel.noAnswer("It was not asked"))
            throw error
        }
        return AskedMembers(question: question, reply: reply, deadline: deadline)
    }

    /// What the members say, by rank, with an error for who does not in time.
    nonisolated(nonsending) func answers(to asked: AskedMembers) async throws -> [MemberAnswer] {
        let questions = queue.questions
        let alarm = Task {
            try await Task.sleep(for: .nanoseconds(max(0, asked.deadline - now())))
            questions.finish(asked.question, because: CallChannel.noAnswer("It said nothing before the deadline"))
        }
        defer {
            alarm.cancel()
            questions.finish(asked.question, because: CallChannel.noAnswer("Nobody waited for it"))
        }
        return try await queue.outcome(of: asked.reply)
    }

    private static func noAnswer(_ reason: String) -> LockstepError {
        LockstepError(.noAnswer, "\(reason); an update may have run there all the same.")
    }
}

/// A question to all members that was sent.
struct AskedMembers: Sendable {
    fileprivate let question: UInt64
    fileprivate let reply: PendingReply
    fileprivate let deadline: Int64
}

extension Group {
    /// Runs a method on every replica and returns what each member says, in rank order.
    ///
    /// The methods of the handle's `all` call this. A query runs at one point of the order on all of them.
    ///
    /// - Throws: ``LockstepError`` if nothing was sent, or `CancellationError`. What goes wrong on a member is in its
    ///   answer.
    public nonisolated(nonsending) func askAll<Value: Codable & Sendable>(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> [Answer<Value>] {
        try await answers(method, arguments) { try WireReader.value(in: $0) }
    }

    /// Does the same with a method without a result.
    public nonisolated(nonsending) func askAll(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> [Answer<Void>] {
        try await answers(method, arguments) { _ in }
    }

    private nonisolated(nonsending) func answers<Value: Sendable>(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void, decode: ([UInt8]) throws -> Value
    ) async throws -> [Answer<Value>] {
        let answers =
            switch way {
            case .member(let channel): try await channel.current.askAll(method, arguments)
            case .client(let client): try await client.askAll(method, arguments)
            }
        return answers.map { Answer($0.member, $0.answer, decode: decode) }
    }
}
