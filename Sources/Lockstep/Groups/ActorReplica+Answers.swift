import LockstepFabric
import LockstepProtocol

extension ActorReplica {
    /// Runs a query that every replica answers, at its place in the order.
    func answerAsked(_ header: CallHeader, _ message: OrderedMulticast.Message, on actor: isolated Actor) {
        actor.actorSystem.beginQuery(from: message.sender)
        let answer = execute(header, message.payload, nil, on: actor)
        actor.actorSystem.end()
        counts.value.answered += 1
        send(answer, to: header, message, on: actor)
    }

    /// Sends the member that asked what this replica says.
    func send(
        _ answer: EncodedAnswer?, to header: CallHeader, _ message: OrderedMulticast.Message,
        on actor: isolated Actor
    ) {
        guard let answer, let question = header.question(in: message.payload) else { return }
        let place = actor.actorSystem.place
        guard message.sender != place else { return queue.questions.note(answer, to: question, from: place) }
        // Whoever asked knows that a member without a ring says nothing.
        guard queue.payloadMax > 0 else { return }
        let bytes = answer.message(
            to: question, of: message.sender, method: header.method, sizeMax: queue.payloadMax)
        do {
            if try !queue.sendNow(bytes) { Task { [queue] in try await queue.sendWhenThereIsRoom(bytes) } }
        } catch {
            // The view is over, as it is where the asker waits.
        }
    }

    /// Takes what another member has answered, if this one has asked.
    func noteAnswer(_ header: CallHeader, _ message: OrderedMulticast.Message, on actor: isolated Actor) {
        guard let (place, answer) = EncodedAnswer.read(message.payload), place == actor.actorSystem.place else {
            return
        }
        queue.questions.note(answer, to: header.answered, from: message.sender)
    }
}
