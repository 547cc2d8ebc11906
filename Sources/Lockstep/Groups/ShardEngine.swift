import LockstepFabric
import LockstepProtocol

/// One shard on this node: messages go in through its queue, and come out at the replica. It lives on the poller's
/// thread.
struct ShardEngine: ~Copyable {
    let group: GroupID
    let replica: any Replica
    let queue: SendQueue
    let layout: GroupLayout
    let delivery: OrderedMulticast.DeliveryOrder
    /// Nil until every member hosts the group.
    var active: ThreadBound<Active>?
    private var hasWaiters = false
    /// True if nothing more is delivered.
    private(set) var hasFailed = false
    var lags = LagWatch()
    /// When the replica has to be asked again what it has to do, on the monotonic clock.
    private var effectsDue: Int64?
    /// True once the replica was given its state: the others may not know that yet.
    var isRestored = false
    /// What it has to execute behind the state that it waits for, and until then it sends nothing; nil once it has it.
    var backlog: Backlog?
    /// How often it was given a state, or needed none any more.
    var attempt: UInt64 = 0
    /// Calls to this member alone that came before it was where their callers are.
    var early: [MemberCall] = []
    /// The last question about its layout that was answered.
    private var answered: UInt64 = 0

    /// What there is only in a view where every member hosts the group.
    struct Active: ~Copyable {
        var core: OrderedMulticast
        var own: OwnMessages
        let view: View
        let part: GroupPart
        let others: PeerSet
        let strand: Int
        /// False once the view is wedged: nothing is sent any more.
        var mayChange = true
        /// True if the view has too few replicas: nothing is sent.
        var isSuspended: Bool
        /// True if a view could begin without any replica of this one: then nothing is delivered without a lease.
        let needsLease: Bool
        /// The number that all members know the shard by, as far as a bell can tell it.
        var bell: Int { min(part.bell, Bell.all) }
        var commits: [Commit] = []
    }

    init(
        group: GroupID, queue: SendQueue, layout: GroupLayout = .everyone,
        delivery: OrderedMulticast.DeliveryOrder = .total, replica: any Replica
    ) {
        self.group = group
        self.queue = queue
        self.layout = layout
        self.delivery = delivery
        self.replica = replica
    }

    var isActive: Bool { active != nil }

    /// True if somebody waits for something here.
    var isAwaited: Bool {
        if !hasFailed, hasWaiters || effectsDue != nil { return true }
        if replica.inLane?.isEmpty == false { return true }
        guard let active else { return false }
        return !active.value.own.isEmpty
    }

    /// What the layout gives, unless that was asked already.
    mutating func lay(_ request: LayoutRequest, as question: UInt64) -> LayoutPoll.Answer? {
        guard answered < question, !hasFailed else { return nil }
        answered = question
        return layout.answer(request)
    }

    /// True if it may have waited for a lease.
    var needsLease: Bool { active?.value.needsLease ?? false }

    /// Of the members that can send, the one of the lowest rank does what updates have left to be done. In a new view
    /// that may be another one.
    mutating func become(doer: Bool) {
        replica.become(doer: doer)
        effectsDue = replica.driveEffects()
    }

    /// True if a turn would find something, as far as can be seen here at once.
    var hasNews: Bool {
        mutating get { !hasFailed && active?.value.hasNews(queue) == true }
    }

    /// True if a turn may find something. Room in the ring, for which somebody waits, shows only when it is looked for.
    var mayHaveNews: Bool {
        mutating get { hasNews || hasWaiters && !hasFailed }
    }

    /// True if a turn sends what was written into the ring of a view.
    func sends(in view: UInt64) -> Bool {
        guard !hasFailed, let active else { return false }
        return active.value.mayChange && active.value.view.number == view
    }

    /// Sends, receives and delivers what there is; false if there was nothing. If the shard sends, a message may be given
    /// that is written, with who waits for it.
    mutating func turn(
        _ fabric: any Fabric, sending message: RingSpace? = nil, awaiting reply: PendingReply? = nil
    ) -> Bool {
        guard !hasFailed else { return false }
        guard let active else {
            hasWaiters = queue.isAwaited
            return false
        }
        do throws(ProtocolError) {
            let outcome = try active.value.turn(
                fabric, queue, replica, sending: message, awaiting: reply, &backlog, &hasWaiters)
            if outcome.hasDelivered { effectsDue = replica.driveEffects() }
            return outcome.hasWorked
        } catch {
            fail(error)
            return true
        }
    }

    /// Ends the shard because of what its memory says.
    mutating func fail(_ error: ProtocolError) {
        let code: LockstepError.Code = error == .countersExhausted ? .countersExhausted : .corruptMemory
        fail(LockstepError(code, "The group \"\(group)\" has stopped. \(error)", cause: error))
    }

    /// Ends the shard: what is in flight has an unknown outcome, what is queued was not executed.
    mutating func fail(_ error: LockstepError) {
        guard !hasFailed else { return }
        hasFailed = true
        endCalls(because: error)
    }

    /// What is in flight has an unknown outcome, what is queued was not executed, and more is not taken.
    mutating func endCalls(because error: LockstepError) {
        let committed = queue.close(because: error)
        active?.value.own.queue.append(contentsOf: committed)
        active?.value.own.fail(.unknown(after: error), queries: error)
        replica.stopEffects()
        refuseEarly(error)
    }

    /// Ends the shard and the replica, also what that has still to do.
    mutating func close(_ error: LockstepError) {
        fail(error)
        replica.inLane?.fail(.unknown(after: error), queries: error)
        replica.close()
    }

    // MARK: - Deadlines and slow members

    /// The earliest deadline of somebody who waits, nil if nobody does.
    var deadline: Int64? {
        let least = min(
            active?.value.own.deadline ?? .max, replica.inLane?.deadline ?? .max, queue.deadline ?? .max,
            effectsDue ?? .max
        )
        return least == .max ? nil : least
    }

    /// Fails those whose deadline has passed, and does what is due.
    mutating func expire(at now: Int64, because reason: LockstepError) {
        queue.expire(at: now, reason)
        active?.value.own.expire(at: now)
        replica.inLane?.expire(at: now)
        if let due = effectsDue, due <= now { effectsDue = replica.driveEffects() }
    }

    /// Takes note of who is behind, now and then.
    mutating func watchLags(at now: Int64) {
        if lags.isDue(at: now) { noteLags(at: now) }
    }

    private mutating func noteLags(at now: Int64) {
        if let active { lags.note(active.value.core.receivedByMember, at: now) }
    }

    /// Who holds the shard back, by place.
    mutating func slowMembers(at now: Int64) -> [LagWatch.Lag] {
        noteLags(at: now)
        return lags.lags(at: now)
    }
}

// MARK: - A turn

extension ShardEngine.Active {
    mutating func hasNews(_ queue: SendQueue) -> Bool { queue.hasNews || core.hasNews }

    mutating func turn(
        _ fabric: any Fabric, _ queue: SendQueue, _ replica: any Replica, sending message: RingSpace?,
        awaiting reply: PendingReply?, _ backlog: inout Backlog?, _ hasWaiters: inout Bool
    ) throws(ProtocolError) -> (hasWorked: Bool, hasDelivered: Bool) {
        let mustExchange = message != nil || hasWaiters || queue.hasNews
        guard mustExchange || core.hasNews else { return (hasWorked: false, hasDelivered: false) }
        if mayChange, mustExchange {
            hasWaiters = queue.exchange(
                core.takeProgress(), received: core.received, sending: message, awaiting: reply, commits: &commits,
                own: &own
            )
        } else if queue.hasNews {
            queue.takeUnmarked(received: core.received, own: &own)
        }
        let hasSent = sendCommitted(queue)
        core.observe()
        let hasPushed = push(to: fabric)
        if try backlog?.keep(from: &core) != nil {
            return (hasPushed || hasSent || core.owesRelease, false)
        }
        let mustWait = needsLease && core.hasStable && !mayDeliver(queue.poller.lease)
        let hasDelivered = mustWait ? false : try replica.deliver(from: &core, own: &own)
        let hasAnswered = !own.unmarked.isEmpty && answer(queue, replica)
        return (hasDelivered || hasPushed || hasSent || hasAnswered || core.owesRelease, hasDelivered)
    }

    /// True if no view has begun without this member. Whoever has wedged the view waits for its trim.
    private func mayDeliver(_ lease: Lease) -> Bool { mayChange && lease.holdsOrWakes }

    /// Answers the queries that see now what they have to; false if there were none.
    private mutating func answer(_ queue: SendQueue, _ replica: any Replica) -> Bool {
        let ready = own.unmarked.take(below: core.delivered)
        guard !ready.isEmpty else { return false }
        // After what they wait for: a lease may have ended meanwhile.
        let holdsLease = mayChange && queue.poller.lease.holds
        replica.answer(ready.filter { holdsLease || $0.way != .leased })
        for var query in ready where !holdsLease && query.way == .leased {
            query.way = .marked
            queue.ask(query)
        }
        return true
    }

    private mutating func sendCommitted(_ queue: SendQueue) -> Bool {
        guard !commits.isEmpty else { return false }
        for commit in commits where !core.send(commit) {
            queue.withClaims { core.sendLate(commit, from: &$0) }
        }
        // One by one, because there is mostly one, and all of them at once take ten times as long as that.
        while commits.popLast() != nil {}
        return true
    }

    @discardableResult
    mutating func push(to fabric: any Fabric) -> Bool {
        let (others, strand) = (others, strand)
        let publication = core.publish { fabric.push($0, to: others, on: strand) }
        guard publication != .nothing else { return false }
        fabric.notify(others, of: bell, on: strand) { publication == .news || core.completesStability() }
        return true
    }
}
