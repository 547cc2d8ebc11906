import Logging

// What updates have left to be done, as the replica's group orders it.

extension ActorReplica {
    /// Runs a call of another group or a timer, or takes note that something is done.
    func executeEffect(
        _ header: CallHeader, _ payload: UnsafeRawBufferPointer, _ pending: PendingReply?, on actor: isolated Actor
    ) {
        do {
            switch header.kind {
            case .forwarded: executeForwarded(header, payload, try header.origin(of: payload), pending, on: actor)
            case .timer: executeTimer(try header.content(of: payload), on: actor)
            case .done: noteDone(try header.content(of: payload), on: actor)
            case .call, .report, .askedUpdate, .askedQuery, .answer, .clientCall, .session:
                preconditionFailure("a call is no effect")
            }
        } catch {
            pending?.fail(Self.unreadable)
        }
    }

    /// Runs a call of another group unless it has run before: then it tells what became of it.
    private func executeForwarded(
        _ header: CallHeader, _ payload: UnsafeRawBufferPointer, _ id: EffectID, _ pending: PendingReply?,
        on actor: isolated Actor
    ) {
        let system = actor.actorSystem
        let known = system.withEffects { $0.forwarded.outcome(of: id) }
        let failure: String?
        if let known {
            failure = known.failure
        } else {
            failure = run(header, payload, on: actor).map(EffectFailure.reason(of:))
            system.withEffects { $0.forwarded.note(id, failure: failure) }
        }
        if let failure {
            pending?.fail(ForwardedFailure(description: failure))
        } else {
            pending?.succeed(())
        }
    }

    /// Runs a timer, unless it has run or was cancelled before.
    private func executeTimer(_ place: EffectID.Place, on actor: isolated Actor) {
        guard let timer = actor.actorSystem.withEffects({ $0.timers.take(place) }) else { return }
        let failure = timer.call.withUnsafeBytes { payload in
            CallHeader(payload).flatMap { run($0, payload, on: actor) }
        }
        guard let failure, driver.isDoer else { return }
        logger.error("a timer's method has thrown", metadata: ["timer": "\(place)", "error": "\(failure)"])
    }

    private func noteDone(_ done: DoneEffect, on actor: isolated Actor) {
        driver.noteDone(done.place)
        guard actor.actorSystem.withEffects({ $0.outbox.remove(done.place) }), let reason = done.failure else { return }
        let failure = EffectFailure(id: EffectID(group: actor.id, place: done.place), reason: reason)
        if driver.isDoer { logger.error("an effect has failed", metadata: ["effect": "\(failure)"]) }
        actor.effectFailed(failure)
    }

    /// Runs a call for whose result nobody waits; returns what it throws.
    private func run(
        _ header: CallHeader, _ payload: UnsafeRawBufferPointer, on actor: isolated Actor
    ) -> (any Error)? {
        let outcome = PendingReply()
        var delivery = Delivery(header, payload, pending: outcome)
        actor.deliver(&delivery)
        return outcome.failure
    }

    // MARK: - Doing it

    func become(doer: Bool) {
        actor.actorSystem.withEffects { driver.become(doer: doer, of: &$0) }
    }

    func driveEffects() -> Int64? {
        driver.isDoer ? system.withEffects { driver.drive(&$0) } : nil
    }

    func stopEffects() { driver.stop() }

    var effects: (timers: Int, outbox: Int) {
        actor.actorSystem.withEffects { ($0.timers.count, $0.outbox.count) }
    }
}
