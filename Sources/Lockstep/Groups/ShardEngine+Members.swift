import LockstepFabric

// Calls of members to this one alone.
extension ShardEngine {
    /// Runs a call between two updates, as soon as this replica is in the caller's view and has the state.
    ///
    /// - Parameter present: The node's view.
    mutating func serve(_ call: MemberCall, in present: UInt64) {
        if let reason = queue.refusal, hasFailed || call.view <= present { return call.refuse(reason.message) }
        guard let active, backlog == nil, !active.value.isSuspended, active.value.view.number >= call.view else {
            return early.append(call)
        }
        run(call)
    }

    /// Runs what has waited for the present view.
    mutating func serveEarly() {
        guard let view = active?.value.view.number, !early.isEmpty else { return }
        let calls = early
        early = []
        for call in calls { serve(call, in: view) }
    }

    /// What waits for this replica does not run.
    mutating func refuseEarly(_ reason: LockstepError) {
        for call in early { call.refuse(reason.message) }
        early = []
    }

    private func run(_ call: MemberCall) {
        guard call.deadline > now() else { return call.refuse("Its deadline has passed.") }
        guard call.way != .local else { return replica.serve(call) }
        let reply = PendingReply(onCancel: .waitsOn)
        queue.ask(OutgoingQuery(content: .asked(call), way: call.way, deadline: call.deadline, reply: reply))
        Task {
            do {
                try await reply.value(as: Void.self)
            } catch {
                call.refuse("\(error)")
            }
        }
    }
}
