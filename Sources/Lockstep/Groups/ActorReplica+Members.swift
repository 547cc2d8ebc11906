import LockstepFabric
import Logging

extension ActorReplica {
    /// Runs a call to this member alone, between two updates.
    func serve(_ call: MemberCall) {
        nonisolated(unsafe) let replica = self
        actor.inIsolation { replica.serve(call, on: $0) }
        metrics.noteBatch(updates: 0, queries: 1)
    }

    /// The same at a moment when the replica has seen what the call has to see.
    func serve(_ call: MemberCall, on actor: isolated Actor) {
        guard let place = epoch?.replicas.firstIndex(where: { $0.incarnation == call.caller }) else {
            return call.refuse("The member that called has no replica of the group any more.")
        }
        call.payload.withUnsafeBytes { payload in
            // An update runs on every replica or on none, whatever somebody sends.
            guard let header = CallHeader(payload), header.kind == .askedQuery,
                let kind = kindsToMembers[header.method]
            else { return call.refuse(Self.unreadable.message) }
            progress.begin(method: header.method)
            watch.value.begin()
            call.reply(.answered(answer(header, payload, from: place, kind, on: actor)))
            if watch.value.isSlow { reportSlow(header.method) }
            // It may be what somebody here waits for.
            if kind == .direct { noteChange(on: actor) }
        }
    }

    private func answer(
        _ header: CallHeader, _ payload: UnsafeRawBufferPointer, from place: Int, _ kind: ActorSchema.Method.Kind,
        on actor: isolated Actor
    ) -> EncodedAnswer {
        actor.actorSystem.beginQuery(from: place)
        defer { actor.actorSystem.end() }
        #if DEBUG
            if queryCheck.value.isDue(header.method) { return checkedAnswer(header, payload, kind, on: actor) }
        #endif
        return execute(header, payload, nil, on: actor) ?? Self.noAnswer
    }

    #if DEBUG
        private func checkedAnswer(
            _ header: CallHeader, _ payload: UnsafeRawBufferPointer, _ kind: ActorSchema.Method.Kind,
            on actor: isolated Actor
        ) -> EncodedAnswer {
            let before = Self.hash(of: actor)
            let answer = execute(header, payload, nil, on: actor) ?? Self.noAnswer
            if Self.hash(of: actor) == before { return answer }
            let error = changedState(header.method, kind, of: actor.id)
            logger.error("\(error.message)")
            return .failure(LockstepError(.noAnswer, error.message, cause: error))
        }
    #endif

    private static var noAnswer: EncodedAnswer { .failure(LockstepError(.noAnswer, "The method gave no answer.")) }
}
