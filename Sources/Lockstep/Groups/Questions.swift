import Synchronization

/// The calls of this node that all members answer, until they have.
final class Questions: Sendable {
    private let state = Mutex(State())

    private struct State {
        /// Begins anywhere, so that nobody takes the answer to another node's question.
        var askedEver = UInt64.random(in: 0...(.max / 2))
        var open: [UInt64: Question] = [:]
        /// Who answers in the present view, by rank, and the places of those who cannot.
        var members: [View.Member] = []
        var silent: [Int] = []

        func question(_ reply: PendingReply) -> Question {
            var question = Question(members: members, reply: reply)
            let error = LockstepError(.noAnswer, "It does not send in the group, so it cannot answer.")
            for place in silent { question.answers[place] = .failure(error) }
            return question
        }
    }

    private struct Question {
        let members: [View.Member]
        /// By rank.
        var answers: [EncodedAnswer?]
        let reply: PendingReply

        init(members: [View.Member], reply: PendingReply) {
            (self.members, self.reply) = (members, reply)
            answers = Array(repeating: nil, count: members.count)
        }

        /// Answers the caller if nobody is missing.
        func finishIfComplete() -> Bool {
            let answers = zip(members, answers).compactMap { member, answer in answer.map { MemberAnswer(member, $0) } }
            guard answers.count == members.count else { return false }
            reply.succeed(answers)
            return true
        }
    }

    /// Opens a question to all members: its number, and what becomes their answers by rank.
    func open() -> (number: UInt64, reply: PendingReply) {
        let reply = PendingReply()
        let number = state.withLock { state in
            state.askedEver += 1
            state.open[state.askedEver] = state.question(reply)
            return state.askedEver
        }
        return (number, reply)
    }

    /// A view is about to begin: what was asked since the one before has ended is sent to its members.
    func begin(_ members: [View.Member], silent: [Int]) {
        state.withLock { state in
            (state.members, state.silent) = (members, silent)
            state.open = state.open.mapValues { state.question($0.reply) }
        }
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
