import LockstepProtocol

// What a simulation can make wrong, to see that its checkers notice.
extension DetachedReplica {
    /// Forgets clients' sessions, timers, and whatever else updates have left.
    package func forgetEffects() {
        node.poller.occupy { replica.actor.actorSystem.withEffects { $0 = Effects() } }
    }

    /// Lets a session end without a word to the actor; false if the message says something else.
    func endSession(_ message: OrderedMulticast.Message, _ pending: PendingReply?) -> Bool {
        guard let header = CallHeader(message.payload), header.kind == .session,
            let record: SessionRecord = try? header.content(of: message.payload)
        else { return false }
        let hasEnded = replica.actor.actorSystem.withEffects { effects in
            switch record {
            case .due(let key): effects.sessions.expire(key, at: Timestamp(nanoseconds: header.stamp))
            case .close(let key): effects.sessions.close(key)
            case .open, .alive: false
            }
        }
        if hasEnded { pending?.succeed(ClientAnswer(version: version, outcome: .result([]))) }
        return hasEnded
    }
}
