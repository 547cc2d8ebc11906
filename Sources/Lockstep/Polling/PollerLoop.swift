import CLockstep
import DequeModule
import LockstepFabric
import LockstepProtocol

/// What a poller's thread works on. It never leaves that thread.
final class PollerLoop {
    let poller: Poller
    let fabric: any Fabric
    var view: View
    /// True when the view is over and the next has not begun.
    var isWedged = false
    /// The groups of the cluster, if this is the node's first poller.
    private let ownCatalogue: Catalogue?
    /// What the first has told of them, at another.
    private var toldCatalogue = CatalogueCopy()
    let catalogueQueue: SendQueue
    /// Whom the first tells.
    let others: ArraySlice<Poller>
    /// What a change of views needs of the other threads of this node.
    let membership: any MembershipPort
    /// The first is the catalogue's.
    let shards = ThreadBound(ShardTable())
    private let work = ThreadBound(Poller.Work())
    private let spinner = ThreadBound(Spinner())
    private let near = ThreadBound(Near())
    private var failure: LockstepError?
    private var isStopped = false
    private var replicaWaiters: [ReplicaWaiter] = []
    private var leaveWaiters: [PendingReply] = []
    /// Turns without a rest after which deadlines are looked at all the same.
    private let turnsPerExpiryMax = 1024
    private let turnsToTheEndMax = 16
    private let helpsPerTurn = 64
    /// Looks at one shard before others have their turn: half a microsecond.
    private let looksAtOnce = 8
    /// How often a task that helps itself looks for news so. That is some ten microseconds; if they are far, others may
    /// run.
    private let looksPerHelp = 32

    /// What a turn of one shard goes by, beside the shard.
    private struct Near {
        /// How often tasks may still help themselves before the next turn.
        var helpsLeft = 0
        /// True while a shard delivers.
        var isDelivering = false
        /// The shard that was busy last.
        var busy: Int?
    }

    init(
        poller: Poller, fabric: any Fabric, view: View, catalogue: Catalogue?, catalogueQueue: SendQueue,
        others: ArraySlice<Poller> = [], membership: any MembershipPort
    ) {
        self.poller = poller
        self.fabric = fabric
        self.view = view
        ownCatalogue = catalogue
        self.catalogueQueue = catalogueQueue
        self.others = others
        self.membership = membership
        guard let catalogue else { return }
        let engine = ShardEngine(group: Catalogue.group, queue: catalogueQueue, replica: catalogue)
        add(engine, at: Catalogue.shard)
        takeState()
    }

    /// The groups of the cluster, as far as this thread has to know them.
    var catalogue: CatalogueCopy { ownCatalogue.map { CatalogueCopy($0) } ?? toldCatalogue }

    /// The catalogue is whole now.
    func noteWholeCatalogue() { ownCatalogue?.isWhole = true }

    /// At another poller than the first: what that has told.
    func take(_ catalogue: CatalogueCopy) { toldCatalogue = catalogue }

    private var isFirst: Bool { ownCatalogue != nil }

    /// Turns until it is stopped.
    func run() {
        var turns = 0
        while !isStopped {
            turns += 1
            if turn() {
                spinner.value.noteWork()
            } else if !spinner.value.mayTurnAgain() {
                park()
                turns = turnsPerExpiryMax
            }
            if turns >= turnsPerExpiryMax {
                expire()
                turns = 0
            }
        }
        spinner.value.release()
        poller.progress.park()
    }

    private func park() {
        let limit = min(deadline ?? .max, spinner.value.parkLimit ?? .max)
        var hasWorked = false
        poller.progress.park()
        fabric.park(until: limit == .max ? nil : limit) {
            poller.progress.unpark()
            hasWorked = turn()
            poller.progress.park()
            return hasWorked
        }
        poller.progress.unpark()
        if hasWorked { spinner.value.noteWork() }
    }

    /// Looks once at everything that has changed; false if there was nothing to do.
    private func turn() -> Bool {
        near.value.helpsLeft = helpsPerTurn
        poller.progress.step()
        var hasWorked = takeWork()
        if turnNear() { hasWorked = true }
        if !shards.value.changed.isEmpty {
            shards.value.beginTurn()
            for shard in shards.value.turning where turn(shard) {
                shards.value.noteChanged(shard)
                hasWorked = true
            }
            shards.value.endTurn()
        }
        takeBells()
        if turnStanding() { hasWorked = true }
        // A turn may leave work for the next one, such as a task that has got room in a ring; nobody wakes this thread
        // for that.
        return hasWorked || !shards.value.changed.isEmpty || poller.isWorkLeft || isStopped
    }

    /// Turns one shard, and sends a message of a task of this thread; false if there was nothing to do.
    private func turn(
        _ shard: Int, sending message: RingSpace? = nil, awaiting reply: PendingReply? = nil
    ) -> Bool {
        guard let engine = shards.value[shard] else { return false }
        near.value.isDelivering = true
        poller.progress.begin(shard: shard)
        let hasWorked = engine.value.turn(fabric, sending: message, awaiting: reply)
        poller.progress.endShard()
        near.value.isDelivering = false
        if hasWorked { near.value.busy = shard }
        if engine.value.isAwaited { shards.value.noteAwaited(shard) }
        if shard == Catalogue.shard && hasWorked { noteCatalogue() }
        return hasWorked
    }

    /// Turns the shard that was busy last, where the next news are likely; false if there was nothing to do.
    private func turnNear() -> Bool {
        guard shards.value.changed.isEmpty, let busy = near.value.busy, let engine = shards.value[busy],
            hasNews(engine), turn(busy)
        else { return false }
        shards.value.noteChanged(busy)
        return true
    }

    /// Turns the shards that others push in without a bell; false if there was nothing to do.
    private func turnStanding() -> Bool {
        var hasWorked = false
        for bell in fabric.standingBells {
            guard let shard = shards.value.shard(of: bell), !shards.value.changed.contains(shard),
                shards.value[shard]?.value.mayHaveNews == true, turn(shard)
            else { continue }
            shards.value.noteChanged(shard)
            hasWorked = true
        }
        return hasWorked
    }

    /// True if others have pushed something in a shard. Where it may spin, this looks some times at the lines of the
    /// others alone: a bell comes after its line, and who looks at both waits for both.
    private func hasNews(_ engine: ThreadBound<ShardEngine>) -> Bool {
        var looksLeft = spinner.value.core == nil ? 1 : looksAtOnce
        while !engine.value.hasNews {
            looksLeft -= 1
            guard looksLeft > 0, !poller.isWorkLeft else { return false }
            lockstep_pause()
        }
        return true
    }

    private func takeBells() {
        fabric.takeBells { bell in shards.value.noteBell(bell) }
    }

    /// Does what other threads have left.
    private func takeWork() -> Bool {
        guard poller.isWorkLeft || !work.value.jobs.isEmpty else { return false }
        poller.takeWork(&work.value)
        performCommands()
        for _ in 0..<min(work.value.jobs.count, Poller.jobsPerTurnMax) {
            let job = work.value.jobs.removeFirst()
            poller.progress.step()
            poller.run(job)
        }
        return true
    }

    private func performCommands() {
        for shard in work.value.shards { shards.value.noteChanged(shard) }
        work.value.shards.removeAll(keepingCapacity: true)
        if !work.value.commands.isEmpty {
            // A command may turn the loop itself, which then takes more.
            var commands: [@Sendable (PollerLoop) -> Void] = []
            swap(&commands, &work.value.commands)
            for command in commands { command(self) }
        }
    }

    /// Does what was left at the end, all of it.
    func finish(_ left: Poller.Work) {
        work.value.commands += left.commands
        work.value.jobs += left.jobs
        performCommands()
        while let job = work.value.jobs.popFirst() { poller.run(job) }
    }

    // MARK: - For tasks of this thread

    /// A shard of this node has something to send.
    func mark(_ shard: Int) { shards.value.noteChanged(shard) }

    /// Turns a shard for a task of this thread that is about to wait. If news are near, which they are where threads
    /// own their cores, the task need not be suspended: that and its return would take longer than they do.
    ///
    /// Nobody else is kept waiting for that: it ends when there is anything else to do.
    func help(_ shard: Int, with reply: PendingReply) {
        guard mayBeginToHelp(shard), let engine = shards.value[shard] else { return }
        help(shard, engine, with: reply)
    }

    /// The same for a task that has not sent yet what it is about to wait for: the first turn sends it, without the
    /// queue's way from thread to thread. False if the message has to go that way.
    func send(_ message: RingSpace, awaiting reply: PendingReply, in shard: Int) -> Bool {
        guard mayBeginToHelp(shard), let engine = shards.value[shard], engine.value.sends(in: message.view) else {
            return false
        }
        help(shard, engine, with: reply, sending: message)
        return true
    }

    private func help(
        _ shard: Int, _ engine: ThreadBound<ShardEngine>, with reply: PendingReply,
        sending message: RingSpace? = nil
    ) {
        near.value.helpsLeft -= 1
        _ = turn(shard, sending: message, awaiting: reply)
        var looksLeft = spinner.value.core == nil ? 0 : looksPerHelp
        while looksLeft > 0, !reply.isAnswered {
            looksLeft -= 1
            if hasNews(engine) {
                _ = turn(shard)
            } else {
                // Bells are in memory that the others write: who looks there as well waits for both.
                takeBells()
                guard mayHelp(shard) else { break }
            }
        }
        // The loop does what these turns have left.
        shards.value.noteChanged(shard)
    }

    /// True if nothing that was left for this thread before has to come first.
    private func mayBeginToHelp(_ shard: Int) -> Bool {
        near.value.helpsLeft > 0 && !near.value.isDelivering && work.value.jobs.isEmpty && mayHelp(shard)
    }

    /// True if there is nothing to do for other shards and other tasks.
    private func mayHelp(_ shard: Int) -> Bool { !poller.isWorkLeft && shards.value.changed.isEmpty(but: shard) }

    // MARK: - Commands, on the poller's thread

    /// Adds a shard, which becomes active when every member hosts its group.
    func add(_ engine: consuming ShardEngine, at shard: Int) {
        if let failure { engine.fail(failure) }
        shards.value.add(ThreadBound(engine), at: shard)
        enter(shard)
    }

    /// Takes back a shard that could not be registered.
    func remove(shard: Int, because error: LockstepError) {
        guard let engine = shards.value[shard] else { return }
        engine.value.close(error)
        shards.value.remove(shard)
    }

    /// Runs something between two turns that needs the memory of all members.
    func withFabric<Value>(_ body: (any Fabric, View) -> Value) -> Value { body(fabric, view) }

    /// What the thread does when there is nothing to do.
    var mode: NodeStatus.Mode { spinner.value.core == nil ? .sharing : .spinning }

    /// Runs a call of a member to this one alone.
    func serve(_ call: MemberCall) {
        guard let engine = shards.value.engines.first(where: { $0?.value.group == call.group }) ?? nil else {
            return call.refuse("It does not host \"\(call.group)\".")
        }
        engine.value.serve(call, in: view.number)
    }

    /// What delivers to a shard; nil once the loop has ended, since a lane may be busy long after.
    func replica(shard: Int) -> (any Replica)? { isStopped ? nil : shards.value[shard]?.value.replica }

    /// True if a shard delivers nothing more.
    func hasFailed(shard: Int) -> Bool { shards.value[shard]?.value.hasFailed ?? true }

    /// Somebody waits for replicas.
    func add(_ waiter: ReplicaWaiter) {
        replicaWaiters.append(waiter)
        answerReplicaWaiters()
    }

    /// Answers those who have waited for what is there now.
    func answerReplicaWaiters() {
        for waiter in replicaWaiters {
            if let failure {
                waiter.reply.fail(failure)
            } else if catalogue.state.replicaCount(of: waiter.group) >= waiter.count {
                waiter.reply.succeed(())
            }
        }
        // Some have given up.
        replicaWaiters.removeAll { $0.reply.isAnswered }
    }

    /// Answers when this node may leave: when others have the state of what it has.
    func noteLeaving(_ reply: PendingReply) {
        leaveWaiters.append(reply)
        answerLeaveWaiters()
        if !leaveWaiters.isEmpty { announce(.leaving) }
    }

    /// Answers those who wait to leave if they may, or if nobody hears that they are about to.
    func answerLeaveWaiters(unheard: Bool = false) {
        guard !leaveWaiters.isEmpty else { return }
        let mayLeave = catalogue.state.mayLeave(view) || unheard && !catalogue.state.isLeaving(view)
        guard failure != nil || mayLeave else { return }
        for waiter in leaveWaiters { waiter.succeed(()) }
        leaveWaiters.removeAll()
    }

    /// From now on this member does what the updates of a shard have left, or another one does.
    func become(doer: Bool, shard: Int) {
        shards.value[shard]?.value.become(doer: doer)
        shards.value.noteAwaited(shard)
    }

    /// How a shard stands here, with what its replica says of itself.
    func status(shard: Int, _ replica: ReplicaStatus, stateHash: UInt64) -> GroupStatus? {
        guard let engine = shards.value[shard],
            let layout = catalogue.state.layout(of: engine.value.group, in: view)
        else { return nil }
        return GroupStatus(
            group: engine.value.group,
            isActive: engine.value.isActive,
            poller: poller.index,
            missing: catalogue.state.missing(in: engine.value.group, of: view),
            layout: layout,
            transfer: transfer(to: shard),
            level: engine.value.active?.value.part.level,
            updates: replica.updates,
            stateHash: stateHash,
            timers: replica.effects.timers,
            outbox: replica.effects.outbox,
            slow: engine.value.slowMembers(at: now()).map { lag in
                GroupStatus.SlowMember(
                    name: engine.value.active?.value.part.members[lag.member].name ?? "", positions: lag.positions,
                    duration: .nanoseconds(lag.nanoseconds)
                )
            },
            divergence: replica.divergence
        )
    }

    /// Ends every shard, and before that delivers what can still be delivered, unless others have decided on that.
    func fail(_ error: LockstepError, deliversTheRest: Bool = true) {
        guard failure == nil else { return }
        if deliversTheRest { deliverTheRest() }
        failure = error
        for engine in shards.value.engines { engine?.value.fail(error) }
        if isFirst { membership.endCalls(because: error) }
        answerReplicaWaiters()
        answerLeaveWaiters()
    }

    private func deliverTheRest() {
        // What is stable is delivered in the first turn; more of them are for what the others are about to finish, and
        // few, because somebody may go on sending for ever.
        shards.value.noteAllBells()
        for engine in shards.value.engines { engine?.value.replica.noteEnd() }
        for _ in 0..<turnsToTheEndMax where !isStopped && turn() {}
    }

    /// The outcome of everything that this node has sent and not heard of is unknown; it may go on later.
    func failInFlight(_ error: LockstepError) {
        for engine in shards.value.engines { engine?.value.failInFlight(error) }
    }

    /// Ends the loop; calls that wait fail.
    func stop(because error: LockstepError) {
        fail(error)
        for engine in shards.value.engines { engine?.value.close(error) }
        isStopped = true
    }

    // MARK: - Deadlines

    private var deadline: Int64? {
        var least = isFirst ? membership.callDeadline ?? .max : .max
        forEachAwaited { least = min(least, $0.value.deadline ?? .max) }
        return least == .max ? nil : least
    }

    /// Goes through the shards where somebody waits. Before each sleep, so that it makes no list of them.
    private func forEachAwaited(_ body: (ThreadBound<ShardEngine>) -> Void) {
        shards.value.forgetAnswered()
        for shard in shards.value.awaited {
            if let engine = shards.value[shard] { body(engine) }
        }
    }

    private func expire() {
        let now = Lockstep.now()
        if isFirst { membership.expireCalls(at: now) }
        forEachAwaited { engine in
            engine.value.watchLags(at: now)
            guard let deadline = engine.value.deadline, deadline <= now else { return }
            let reason = whyWaiting(engine)
            engine.value.expire(at: now, because: reason)
        }
    }

    private func whyWaiting(_ engine: ThreadBound<ShardEngine>) -> LockstepError {
        let group = engine.value.group
        let missing = catalogue.state.missing(in: group, of: view)
        if let suspension = catalogue.state.suspension(of: group) { return CallChannel.suspended(group, suspension) }
        guard !engine.value.isActive, !missing.isEmpty else {
            return LockstepError(
                .notExecuted,
                "The ring of \"\(group)\" stayed full until the deadline: some member does not keep up."
            )
        }
        return LockstepError(
            .groupNotActive,
            "The group \"\(group)\" waits for \(missing.joined(separator: ", ")). Host it on every member."
        )
    }
}
