extension CallChannel {
    /// Runs a method on every replica, and returns what each of them says, by rank.
    ///
    /// - Throws: Why it was not sent. After that there are answers, and errors for those who did not give one.
    nonisolated(nonsending) func askAll(
        _ number: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> [(member: View.Member, answer: EncodedAnswer)] {
        try Task.checkCancellation()
        let (questions, members) = (queue.questions, members)
        let (question, reply) = questions.open(to: members.count)
        let changesNothing = method(number).map { $0.kind != .update } ?? false
        let alarm = Task { [timeout] in
            try await Task.sleep(for: timeout)
            questions.finish(question, because: CallChannel.noAnswer("It said nothing before the deadline"))
        }
        defer {
            alarm.cancel()
            questions.finish(question, because: CallChannel.noAnswer("Nobody waited for it"))
        }
        var call = CallArguments()
        try encode(number, as: changesNothing ? .askedQuery : .askedUpdate, question: question, arguments, into: &call)
        try await send(number, call, nil)
        for rank in queue.silentMembers {
            let error = CallChannel.noAnswer("It does not send in the group, so it cannot answer")
            questions.note(.failure(error), to: question, from: rank)
        }
        let answers: [EncodedAnswer] = try await queue.outcome(of: reply)
        return Array(zip(members, answers))
    }

    private static func noAnswer(_ reason: String) -> LockstepError {
        LockstepError(.noAnswer, "\(reason); an update may have run there all the same.")
    }
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
        try await channel.askAll(method, arguments).map { Answer($0.member, $0.answer, decode: decode) }
    }
}
