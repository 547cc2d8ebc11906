import LockstepFabric
import LockstepProtocol

// A shard from one view to the next.
extension ShardEngine {
    /// Begins to receive, and to deliver and send if this replica has the state.
    mutating func enter(_ part: GroupPart, in view: View, on fabric: any Fabric, isSuspended: Bool) {
        precondition(active == nil, "a shard must leave a view before it enters the next")
        let mirrors = part.layout.members.map { fabric.mirror(of: $0.peer) }
        let core = OrderedMulticast(
            layout: part.layout, region: fabric.region, mirrors: mirrors, delivery: delivery
        )
        let isWhole = part.isWhole || isRestored || !replica.hasState
        if !isWhole, backlog == nil { backlog = Backlog() }
        active = ThreadBound(
            Active(
                core: core, own: OwnMessages(member: part.layout.me), view: view, part: part,
                others: part.layout.others, strand: part.strand, isSuspended: isSuspended,
                needsLease: view.canGoOn(without: part.members)
            )
        )
        queue.admit()
        lags = LagWatch()
        if backlog?.begin(view, part) == true { return }
        replica.enter(view, part.members, at: part.level)
        guard backlog == nil else { return }
        if let change = part.change { replica.note(change) }
        begin()
    }

    /// Begins to send, and to do what updates have left.
    private mutating func begin() {
        guard let active, !active.value.isSuspended else { return }
        let (view, part) = (active.value.view, active.value.part)
        let ring = part.layout.members[part.layout.me].ring
        queue.open(ring, in: view, part)
        become(doer: part.layout.senders.first == part.layout.me)
        serveEarly()
    }

    /// The view has enough replicas after all.
    mutating func resume() {
        guard let active, active.value.isSuspended else { return }
        active.value.isSuspended = false
        if backlog == nil, active.value.mayChange { begin() }
    }

    /// This node has no replica in this view. If it gets one again, that is given the state.
    mutating func becomeSpare(_ reason: LockstepError) {
        (isRestored, backlog) = (false, nil)
        attempt += 1
        replica.become(doer: false)
        queue.refuse(because: reason)
        refuseEarly(reason)
    }

    /// Freezes the shard: from now on it sends and receives nothing. Returns how far it has received; nil if it does
    /// neither.
    mutating func wedge(_ fabric: any Fabric) -> ShardFinal? {
        guard let active, !hasFailed else { return nil }
        active.value.mayChange = false
        let received = active.value.core.wedge()
        active.value.push(to: fabric)
        return ShardFinal(
            shard: active.value.part.bell, members: PeerSet(active.value.part.members.map(\.peer)), position: received
        )
    }

    /// Delivers exactly to the trim, and keeps what was dropped of this node's messages for the next view.
    mutating func leave(at trim: UInt64) throws(ProtocolError) {
        guard let active else { return }
        // Also of a shard that has failed: its peers' memory may go with the view.
        self.active = nil
        guard !hasFailed else { return }
        replica.noteEnd()
        try active.value.end(at: trim, replica, &backlog)
        queue.leaveView(dropped: try active.value.takeDropped())
        for query in active.value.own.unmarked.takeAll() { queue.ask(query) }
    }

    /// Nobody waits any longer for what was sent; it is delivered if its time comes.
    mutating func failInFlight(_ error: LockstepError) {
        active?.value.own.abandon(error)
    }

    // MARK: - State

    /// True if the replica waits for its state.
    var needsState: Bool { backlog?.hasState == false && active != nil && !hasFailed }

    /// True until the replica has its state.
    var isRestoring: Bool { backlog != nil && active != nil && !hasFailed }

    /// Who could give it.
    var sources: [View.Member] { active?.value.part.sources ?? [] }

    /// The position that this replica has reached, whose state is to be taken now; nil if it has none to give.
    var givenPosition: UInt64? {
        guard let active, backlog == nil, !hasFailed else { return nil }
        return active.value.core.delivered
    }

    /// Takes a state that another replica had at a position of this view. What ends that is told with the number of the
    /// attempt, and counts only if that is still ``attempt``.
    mutating func restore(
        from snapshot: ReplicaSnapshot, at position: UInt64,
        then done: @escaping @Sendable (_ attempt: UInt64, Result<Void, any Error>) -> Void
    ) throws(ProtocolError) {
        guard let active else { return }
        if active.value.core.delivered < position { try active.value.core.skip(to: position) }
        backlog?.noteState(at: position)
        attempt += 1
        replica.restore(from: snapshot) { [attempt] in done(attempt, $0) }
    }

    /// The state that came does not come to its end: another one is needed.
    mutating func loseState() {
        guard let (view, part) = backlog?.loseState() else { return }
        replica.enter(view, part.members, at: part.level)
    }

    /// The state that the replica was given cannot be taken. It does nothing any more, and receives all the same, so
    /// that the others need not wait for it.
    mutating func refuseState(because error: LockstepError) {
        backlog?.discard()
        endCalls(because: error)
    }

    /// The replica has the state that it was given: it executes what came behind that, and takes part.
    mutating func finishRestoring() {
        guard !hasFailed, let backlog else { return }
        backlog.replay(to: replica)
        self.backlog = nil
        isRestored = true
        begin()
    }
}

extension ShardEngine.Active {
    fileprivate mutating func end(
        at trim: UInt64, _ replica: any Replica, _ backlog: inout Backlog?
    ) throws(ProtocolError) {
        core.end(at: trim)
        if try backlog?.keep(from: &core, isEnding: true) != nil { return }
        while try replica.deliver(from: &core, own: &own) {}
    }

    fileprivate mutating func takeDropped() throws(ProtocolError) -> Carryover {
        var dropped = Carryover()
        try core.takeDropped { payload in dropped.append(payload, waiting: own.takeNext()) }
        own.failUnstable()
        return dropped
    }
}
