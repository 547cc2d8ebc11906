import Distributed
import LockstepFabric
import LockstepProtocol
import Logging

/// This node's copy of a replicated actor.
final class ActorReplica<Actor: ReplicatedActor>: Replica, LaneRunner {
    private(set) var actor: Actor
    /// Makes another instance, which has the state of the first.
    private let make: @Sendable () throws -> Actor
    /// The actor's own.
    private(set) var system: LockstepSystem
    private let restoring: ThreadBound<Restoring>
    let counts: ThreadBound<ReplicaCounts>
    private let messages = MessageBuffer()
    private let audit: ThreadBound<StateAudit>
    let watch: ThreadBound<TurnWatch>
    let metrics: GroupMetrics
    let queue: SendQueue
    let driver: EffectDriver
    /// The view that the replica is in, the replicas there, and what they all support.
    var epoch: (view: View, replicas: [View.Member], level: Int)?
    let history = ThreadBound(CallHistory())
    private let execution: GroupOptions.Execution
    let progress: PollerProgress
    let logger: Logger
    private let runInIsolation = BatchRun<Actor>()
    /// The methods that a member may call here alone, by their numbers.
    private(set) lazy var kindsToMembers = Dictionary(
        Actor.schema.methods.filter { $0.kind != .update }.map { ($0.number, $0.kind) }
    ) { first, _ in first }
    #if DEBUG
        let queryCheck = ThreadBound(QueryCheck())
    #endif

    init(
        _ actor: Actor, _ queue: SendQueue, _ driver: EffectDriver, options: GroupOptions, progress: PollerProgress,
        logger: Logger,
        make: @escaping @Sendable () throws -> Actor
    ) {
        self.actor = actor
        self.make = make
        system = actor.actorSystem
        restoring = ThreadBound(Restoring(oneIn: options.restoresOneIn))
        self.queue = queue
        self.driver = driver
        execution = options.execution
        self.progress = progress
        metrics = GroupMetrics(actor.id)
        self.logger = logger
        counts = ThreadBound(ReplicaCounts())
        audit = ThreadBound(StateAudit(interval: options.auditInterval, leavesOut: !options.auditsAll))
        watch = ThreadBound(TurnWatch())
    }

    var divergence: Divergence? { audit.value.divergence }

    var updates: UInt64 { counts.value.updates }

    func deliver(from core: inout OrderedMulticast, own: inout OwnMessages) throws(ProtocolError) -> Bool {
        let before = updates
        counts.value.answered = 0
        var hasDelivered = false
        var hasMore = true
        while hasMore {
            let batch = try messages.take(from: &core)
            hasMore = batch.count == MessageBuffer.capacity
            guard !batch.isEmpty else { break }
            hasDelivered = true
            run(batch, own: &own)
        }
        metrics.noteBatch(updates: updates - before, queries: counts.value.answered)
        return hasDelivered
    }

    func execute(_ message: KeptMessage) { message.withMessage { run($0, nil) } }

    func run(_ message: OrderedMulticast.Message, _ waiting: InFlight?) {
        let before = updates
        counts.value.answered = 0
        watch.value.begin()
        nonisolated(unsafe) let replica = self
        actor.inIsolation { replica.run(message, waiting, on: $0) }
        if restoring.value.isDue { restore() }
        metrics.noteBatch(updates: updates - before, queries: counts.value.answered)
    }

    func answer(_ queries: [OutgoingQuery]) {
        nonisolated(unsafe) let replica = self
        actor.inIsolation { actor in
            for query in queries { replica.answer(query, on: actor) }
        }
        metrics.noteBatch(updates: 0, queries: queries.count)
    }

    private func run(_ batch: UnsafeBufferPointer<OrderedMulticast.Message>, own: inout OwnMessages) {
        watch.value.begin()
        var next = 0
        while next < batch.count {
            next = runInIsolation(self, batch, from: next, own: &own, on: actor)
            if restoring.value.isDue { restore() }
        }
    }

    /// Runs messages until the instance has to be replaced; returns the place of the first that has not run.
    fileprivate func run(
        _ batch: UnsafeBufferPointer<OrderedMulticast.Message>, from first: Int, own: inout OwnMessages,
        on actor: isolated Actor
    ) -> Int {
        var next = first
        while next < batch.count, !restoring.value.isDue {
            run(batch[next], own.take(batch[next]), on: actor)
            next += 1
        }
        return next
    }

    // MARK: - Snapshots

    /// Replaces the instance by another one that is made from a snapshot of it.
    private func restore() {
        restoring.value.begin()
        do {
            let state = ReplicaSnapshot(updates: updates, executed: [], state: .captured(captureState()))
            let other = try makeAnother()
            try Self.read(state, into: other)
            use(other)
        } catch {
            restoring.value.failure = error
        }
    }

    /// The state as it is now, to be encoded by anybody.
    func captureState() -> CapturedState {
        actor.inIsolation { actor in
            var writer = StateWriter()
            actor.writeState(to: &writer)
            actor.actorSystem.writeState(to: &writer)
            return writer.finish()
        }
    }

    /// Another instance for this replica, which nobody knows yet.
    func makeAnother() throws -> Actor {
        let other = try make()
        if let (view, replicas, level) = epoch { other.actorSystem.enter(view, replicas, at: level) }
        return other
    }

    /// Gives a state to an instance that nobody else knows yet, on any thread.
    static func read(_ snapshot: ReplicaSnapshot, into other: Actor) throws {
        defer { snapshot.finish() }
        var reader = try snapshot.makeReader()
        try other.inIsolationOfItsMaker { other in
            try other.readState(from: &reader)
            try other.actorSystem.readState(from: reader)
        }
    }

    /// Goes on with another instance.
    func use(_ other: Actor) { (actor, system) = (other, other.actorSystem) }

    /// Why the replica could not be restored, if it could not.
    var restoringFailure: (any Error)? { restoring.value.failure }

    func captureHash() -> @Sendable () -> UInt64 {
        let (state, effects) = actor.inIsolation { actor in
            var writer = StateWriter()
            var hasher = StateHasher()
            actor.writeState(to: &writer)
            // Their hash is kept, and takes no time.
            actor.actorSystem.hashState(into: &hasher)
            return (writer.finish(), hasher)
        }
        return { state.hash(with: effects) }
    }

    static func hash(of actor: isolated Actor) -> UInt64 {
        var hasher = StateHasher()
        actor.hashState(into: &hasher)
        actor.actorSystem.hashState(into: &hasher)
        return hasher.finalize()
    }

    /// Runs an update on every replica, or the queries of this node at their place.
    private func run(_ message: OrderedMulticast.Message, _ own: InFlight?, on actor: isolated Actor) {
        counts.value.executed[message.sender] += 1
        var pending: PendingReply?
        switch own {
        case nil, .abandoned:
            break
        case .reply(let reply):
            pending = reply
        case .queries(let queries):
            for query in queries { answer(query, on: actor) }
            counts.value.answered += queries.count
            return
        }
        guard !message.payload.isEmpty else { return }
        guard let header = CallHeader(message.payload) else { return pending?.fail(Self.unreadable) ?? () }
        progress.begin(method: header.method)
        switch header.kind {
        case .call where header.baggageSize == 0:
            // Nearly all, and so the shortest way.
            system.begin(header, position: message.position, from: message.sender)
            var delivery = Delivery(header.method, header.arguments(in: message.payload), pending)
            actor.deliver(&delivery)
            return noteUpdate(header.method, on: actor)
        case .call, .askedUpdate, .forwarded, .timer, .done, .clientCall, .session: break
        case .report: return compare(message, on: actor)
        case .askedQuery: return answerAsked(header, message, on: actor)
        case .answer: return noteAnswer(header, message, on: actor)
        }
        system.begin(header, position: message.position, from: message.sender)
        switch header.kind {
        case .forwarded, .timer, .done: executeEffect(header, message.payload, pending, on: actor)
        case .clientCall, .session: executeOfClient(header, message.payload, pending, on: actor)
        default:
            let answer = execute(header, message.payload, pending, on: actor)
            if answer != nil { send(answer, to: header, message, on: actor) }
        }
        noteUpdate(header.method, on: actor)
    }

    /// An update has run.
    @inline(__always)
    private func noteUpdate(_ method: UInt32, on actor: isolated Actor) {
        system.end()
        counts.value.updates += 1
        noteChange(on: actor)
        restoring.value.noteUpdate()
        if watch.value.isSlow { reportSlow(method) }
        if audit.value.isDue(updates) { report(on: actor) }
    }

    private func answer(_ query: OutgoingQuery, on actor: isolated Actor) {
        system.beginQuery(from: system.place)
        switch query.content {
        case .call(let payload):
            payload.withUnsafeBytes { answer(query, $0, on: actor) }
        case .wait(let waiter):
            waiter.look(at: actor)
            queue.waiters.add(waiter)
            query.reply.succeed(())
        case .asked(let call):
            serve(call, on: actor)
            query.reply.succeed(())
        case .nothing:
            query.reply.succeed(())
        }
        system.end()
    }

    private func answer(_ query: OutgoingQuery, _ payload: UnsafeRawBufferPointer, on actor: isolated Actor) {
        guard let header = CallHeader(payload) else { return }
        progress.begin(method: header.method)
        #if DEBUG
            if queryCheck.value.isDue(header.method) { return check(query, header, payload, on: actor) }
        #endif
        execute(header, payload, query.reply, on: actor)
    }

    /// Lets those look who wait for a state like the present one.
    @inline(__always)
    func noteChange(on actor: isolated Actor) {
        if !queue.waiters.isEmpty { lookAgain(on: actor) }
    }

    private func lookAgain(on actor: isolated Actor) {
        system.beginQuery(from: system.place)
        queue.waiters.look(at: actor)
        system.end()
    }

    /// Runs a method; what it returns is for the member that asked, if all were asked.
    @discardableResult
    func execute(
        _ header: CallHeader, _ payload: UnsafeRawBufferPointer, _ pending: PendingReply?, on actor: isolated Actor
    ) -> EncodedAnswer? {
        execute(header, payload, pending, tracedBy: header.baggage(in: payload)[...], on: actor)
    }

    /// The same, with what has come for those who trace it.
    func execute(
        _ header: CallHeader, _ payload: UnsafeRawBufferPointer, _ pending: PendingReply?,
        tracedBy baggage: Slice<UnsafeRawBufferPointer>, on actor: isolated Actor
    ) -> EncodedAnswer? {
        var delivery = Delivery(header, payload, pending: pending)
        if baggage.isEmpty {
            actor.deliver(&delivery)
        } else {
            CallBaggage.with(UnsafeRawBufferPointer(rebasing: baggage)) { actor.deliver(&delivery) }
        }
        // To copy one that is not there takes longer than many methods do.
        return header.kind.isEncoded ? delivery.answer : nil
    }

    static var unreadable: LockstepError {
        LockstepError(.decodingFailed, "The call is in a format of another release. Run one release on all members.")
    }

    // MARK: - Watching

    func reportSlow(_ method: UInt32) {
        metrics.noteSlow()
        guard let duration = watch.value.takeSlow() else { return }
        let who = execution == .lane ? "the group" : "the node"
        logger.warning(
            "an update took long; \(who) delivers nothing else meanwhile",
            metadata: ["method": "\(Self.name(of: method))", "milliseconds": "\(duration / 1_000_000)"]
        )
    }

    /// A method as people know it.
    static func name(of method: UInt32) -> String {
        Actor.schema.methods.first { $0.number == method }?.name ?? ActorSchema.text(ofNumber: method)
    }

    /// Tells the others the hash of this replica's state.
    private func report(on actor: isolated Actor) {
        let began = now()
        var hasher = StateHasher(keepingFields: true)
        actor.hashState(into: &hasher)
        actor.actorSystem.hashState(into: &hasher)
        let report = audit.value.note(hasher, version: updates, began: began, ended: now())
        watch.value.begin()
        // A ring that is full has better things to carry, and who does not send only compares.
        _ = try? queue.sendNow(report.message)
    }

    private func compare(_ message: OrderedMulticast.Message, on actor: isolated Actor) {
        let member = system.member(message.sender)
        guard let report = StateAudit.Report(message.payload), message.sender != system.place else { return }
        guard audit.value.compare(report, of: member.name), let divergence else { return }
        metrics.noteDivergence()
        logger.error("the replicas of a group differ: \(divergence)")
    }
}

/// The way of a batch into the isolation of its actor. It is made once, because the language takes memory for a closure
/// that is called as what it is not, each time.
private struct BatchRun<Actor: ReplicatedActor> {
    private typealias Replica = ActorReplica<Actor>
    private typealias Batch = UnsafeBufferPointer<OrderedMulticast.Message>

    private struct Isolated {
        let body: (Replica, Batch, Int, inout OwnMessages, isolated Actor) -> Int
    }

    private struct Unchecked {
        let body: (Replica, Batch, Int, inout OwnMessages, Actor) -> Int
    }

    // Through a method of the replica, which knows its type.
    private let way = unsafeBitCast(Isolated { $0.run($1, from: $2, own: &$3, on: $4) }, to: Unchecked.self)

    func callAsFunction(
        _ replica: ActorReplica<Actor>, _ batch: UnsafeBufferPointer<OrderedMulticast.Message>, from first: Int,
        own: inout OwnMessages, on actor: Actor
    ) -> Int {
        actor.actorSystem.checkIsolated()
        return way.body(replica, batch, first, &own, actor)
    }
}

/// When a replica is to be restored, for tests.
private struct Restoring {
    let oneIn: UInt64
    private(set) var isDue = false
    var failure: (any Error)?
    private var random = UpdateRandom(seed: 1)

    init(oneIn: Int) { self.oneIn = UInt64(oneIn) }

    mutating func noteUpdate() {
        if oneIn > 0, failure == nil { isDue = random.next() % oneIn == 0 }
    }

    mutating func begin() { isDue = false }
}
