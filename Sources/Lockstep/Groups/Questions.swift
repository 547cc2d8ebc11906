import Synchronization

/// The calls of this node that all members answer, until they have.
final class Questions: Sendable {
    private let state = Mutex(State())

    private struct State {
        /// Begins anywhere, so that nobody takes the answer to another node's question.
        var askedEver = UInt64.random(in: 0...(.max / 2))
        var open: [UInt64: Question] = [:]
    }

    private struct Question {
        /// By rank.
        var answers: [EncodedAnswer?]
        let reply: PendingReply

        /// Answers the caller if nobody is missing.
        func finishIfComplete() -> Bool {
            guard answers.allSatisfy({ $0 != nil }) else { return false }
            reply.succeed(answers.compactMap { $0 })
            return true
        }
    }

    /// Opens a question to so many members: its number, and what becomes their answers by rank.
    func open(to memberCount: Int) -> (number: UInt64, reply: PendingReply) {
        let reply = PendingReply()
        let number = state.withLock { state in
            state.askedEver += 1
            state.open[state.askedEver] = Question(answers: Array(repeating: nil, count: memberCount), reply: reply)
            return state.askedEver
        }
        return (number, reply)
    }

    /// A member has answered; who does so again is not heard.
    func note(_ answer: EncodedAnswer, to number: UInt64, from rank: Int) {
        change(number) { question in
            guard question.answers.indices.contains(rank), question.answers[rank] == nil else { return }
            question.answers[rank] = answer
        }
    }

    /// Nobody is waited for any more.
    func finish(_ number: UInt64, because error: LockstepError) {
        change(number) { question in question.answers = question.answers.map { $0 ?? .failure(error) } }
    }

    /// The view is over, and no more answers come.
    func end(because error: LockstepError) {
        for number in state.withLock({ Array($0.open.keys) }) { finish(number, because: error) }
    }

    private func change(_ number: UInt64, _ body: (inout Question) -> Void) {
        state.withLock { state in
            guard var question = state.open[number] else { return }
            body(&question)
            state.open[number] = question.finishIfComplete() ? nil : question
        }
    }
}
