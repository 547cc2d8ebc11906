import Logging

// What clients have a group do, as its order has it.
extension ActorReplica {
    /// Runs an update of a client, unless it has run before, or notes what happens to a session.
    func executeOfClient(
        _ header: CallHeader, _ payload: UnsafeRawBufferPointer, _ pending: PendingReply?, on actor: isolated Actor
    ) {
        if header.kind == .session {
            do {
                try note(header.content(of: payload), pending, on: actor)
            } catch {
                pending?.fail(Self.unreadable)
            }
        } else if let id = ClientCallID(header.baggage(in: payload)) {
            run(id, header, payload, pending, on: actor)
        } else {
            pending?.fail(Self.unreadable)
        }
    }

    private func run(
        _ id: ClientCallID, _ header: CallHeader, _ payload: UnsafeRawBufferPointer, _ pending: PendingReply?,
        on actor: isolated Actor
    ) {
        let system = actor.actorSystem
        let (now, version) = (system.context.now, system.version)
        let outcome: ClientOutcome
        switch system.withEffects({ $0.sessions.admit(id, at: now) }) {
        case .runs:
            system.context.client = id.session
            let baggage = header.baggage(in: payload).dropFirst(ClientCallID.size)
            let answer = execute(header, payload, nil, tracedBy: baggage, on: actor)
            outcome = ClientOutcome(answer ?? .success([]))
            system.withEffects { $0.sessions.note(outcome, of: id) }
        case .known(let known): outcome = known
        case .settled: return pending?.fail(Self.isSettled) ?? ()
        case .tooEarly: return pending?.fail(Self.isTooEarly) ?? ()
        case .noSession: return pending?.fail(Self.noSession(actor.id)) ?? ()
        }
        pending?.succeed(ClientAnswer(version: version, outcome: outcome))
    }

    private func note(_ record: SessionRecord, _ pending: PendingReply?, on actor: isolated Actor) {
        let system = actor.actorSystem
        let (now, version) = (system.context.now, system.version)
        var ended: SessionKey?
        let failure: LockstepError? = system.withEffects { effects in
            switch record {
            case .open(let nonce, let timeout):
                let key = SessionKey(opened: version, nonce: nonce)
                return effects.sessions.open(key, timeout: timeout, at: now) ? nil : Self.tooManySessions(actor.id)
            case .alive(let key):
                return effects.sessions.note(alive: key, at: now) ? nil : Self.noSession(actor.id)
            case .close(let key): ended = effects.sessions.close(key) ? key : nil
            case .due(let key): ended = effects.sessions.expire(key, at: now) ? key : nil
            }
            return ended == nil ? Self.noSession(actor.id) : nil
        }
        if let ended { (actor as? any ClientAware)?.note(ended: ended) }
        if let failure {
            pending?.fail(failure)
        } else {
            pending?.succeed(ClientAnswer(version: version, outcome: .result([])))
        }
    }

    private static func noSession(_ group: GroupID) -> LockstepError {
        LockstepError(
            .sessionExpired,
            """
            The client's session with "\(group)" has ended, because the group did not hear of the client for longer than \
            `sessionTimeout`. Ask the client for the group again to open another one.
            """
        )
    }

    private static func tooManySessions(_ group: GroupID) -> LockstepError {
        LockstepError(
            .tooManyClients,
            """
            The group "\(group)" has \(ClientSessions.countMax) sessions of clients, which is the most. Close clients that \
            are not needed.
            """
        )
    }

    private static var isSettled: LockstepError {
        LockstepError(.outcomeUnknown, "The client has said before that it does not wait for this update any more.")
    }

    private static var isTooEarly: LockstepError {
        LockstepError(
            .notExecuted,
            "More than \(ClientSessions.windowMax) updates of the client are unanswered, so it did not run.")
    }
}
