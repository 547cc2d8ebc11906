import DequeModule
import LockstepFabric
import LockstepProtocol

/// One shard on this node: calls go in, stable messages come out at the replica. It lives on the poller's thread.
final class ShardEngine {
    let group: GroupID
    let replica: any Replica
    /// Nil until every member hosts the group.
    private var core: OrderedMulticast?
    private var others = PeerSet()
    private var own = OwnMessages(member: 0)
    private var updatesQueued: Deque<OutgoingCall> = []
    private var queriesQueued: [OutgoingCall] = []
    private var failure: LockstepError?

    init(group: GroupID, replica: any Replica) {
        self.group = group
        self.replica = replica
    }

    var isActive: Bool { core != nil }

    /// Begins to send and deliver: every member has the group now.
    func activate(_ layout: ShardLayout, on fabric: any Fabric) {
        precondition(core == nil, "a shard must be activated once a view")
        let mirrors = layout.members.map { fabric.mirror(of: $0.peer) }
        core = OrderedMulticast(layout: layout, region: fabric.region, mirrors: mirrors)
        own = OwnMessages(member: layout.me)
        others = layout.others
    }

    /// Takes a call; it is sent in the next turn, or when the group becomes active.
    func submit(_ call: OutgoingCall) {
        if let failure {
            call.pending.fail(failure)
        } else if call.isQuery {
            queriesQueued.append(call)
        } else {
            updatesQueued.append(call)
        }
    }

    /// Sends, receives and delivers what there is; false if there was nothing.
    func turn(_ fabric: any Fabric) -> Bool {
        guard failure == nil, core != nil else { return false }
        let hasSent = sendQueued()
        core?.observe()
        let hasPushed = push(to: fabric)
        return deliver() || hasPushed || hasSent
    }

    /// Ends the shard: what is in flight has an unknown outcome, what is queued was not executed.
    func fail(_ error: LockstepError) {
        guard failure == nil else { return }
        failure = error
        let unknown = LockstepError(
            .outcomeUnknown, "The call was sent, and then this happened: \(error.message)", cause: error
        )
        for message in own.queue {
            switch message {
            case .update(let call): call.pending.fail(unknown)
            case .queries(let calls): calls.forEach { $0.pending.fail(error) }
            case .abandoned: break
            }
        }
        own.queue.removeAll()
        for call in updatesQueued + queriesQueued { call.pending.fail(error) }
        updatesQueued.removeAll()
        queriesQueued.removeAll()
    }

    // MARK: - Deadlines

    /// The earliest deadline of a call, nil if none waits.
    var deadline: Int64? {
        let inFlight = own.queue.lazy.compactMap(\.deadline).first
        return [inFlight, updatesQueued.first?.deadline, queriesQueued.first?.deadline].compactMap(\.self).min()
    }

    /// Fails the calls whose deadline has passed. `reason` says what the shard waits for.
    func expire(at now: Int64, reason: () -> LockstepError) {
        guard let deadline, deadline <= now else { return }
        let error = reason()
        while let call = updatesQueued.first, call.deadline <= now {
            updatesQueued.removeFirst()
            call.pending.fail(error)
        }
        queriesQueued = expired(queriesQueued, at: now, error)
        for index in own.queue.indices { own.queue[index] = expired(own.queue[index], at: now) }
    }

    /// What is left of a message in flight. It stays in the order, but those whose deadline has passed do not wait.
    private func expired(_ message: InFlight, at now: Int64) -> InFlight {
        switch message {
        case .update(let call) where call.deadline <= now:
            call.pending.fail(ShardEngine.outcomeUnknown)
            return .abandoned
        case .queries(let calls):
            return .queries(expired(calls, at: now, ShardEngine.unanswered))
        case .update, .abandoned:
            return message
        }
    }

    /// Fails the calls whose deadline has passed, and returns the others.
    private func expired(_ calls: [OutgoingCall], at now: Int64, _ error: LockstepError) -> [OutgoingCall] {
        calls.filter { call in
            guard call.deadline <= now else { return true }
            call.pending.fail(error)
            return false
        }
    }

    private static let outcomeUnknown = LockstepError(
        .outcomeUnknown,
        "The call was sent, and its result did not come before the deadline. Look at the state before trying again."
    )

    private static let unanswered = LockstepError(
        .notExecuted, "The query was not answered before its deadline. It changes nothing: ask again."
    )

    // MARK: - A turn

    private func sendQueued() -> Bool {
        var hasSent = false
        while let call = updatesQueued.first, append(call.payload) {
            own.queue.append(.update(updatesQueued.removeFirst()))
            hasSent = true
        }
        if !queriesQueued.isEmpty, append([]) {
            own.queue.append(.queries(queriesQueued))
            queriesQueued.removeAll()
            hasSent = true
        }
        return hasSent
    }

    private func append(_ payload: [UInt8]) -> Bool {
        payload.withUnsafeBytes { core?.append($0) ?? false }
    }

    private func push(to fabric: any Fabric) -> Bool {
        guard let publication = core?.publish(), let line = publication.line else { return false }
        for range in publication.ring { fabric.push(range, to: others, waking: false) }
        fabric.push(line, to: others, waking: true)
        return true
    }

    private func deliver() -> Bool {
        guard core != nil else { return false }
        do throws(ProtocolError) {
            return try replica.deliver(from: &core!, own: &own)
        } catch {
            let code: LockstepError.Code = error == .countersExhausted ? .countersExhausted : .corruptMemory
            fail(LockstepError(code, "The group \"\(group)\" has stopped. \(error)", cause: error))
            return true
        }
    }
}
