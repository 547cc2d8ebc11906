import Distributed
import LockstepFabric
import LockstepProtocol
import Logging

/// This node's copy of a replicated actor.
final class ActorReplica<Actor: ReplicatedActor>: Replica {
    private let actor: Actor
    private(set) var updates: UInt64 = 0
    /// Queries answered in this turn.
    private var answered = 0
    /// The messages of each member, by rank.
    private let executed: ThreadBound<[UInt64]>
    private let audit: ThreadBound<StateAudit>
    private let watch: ThreadBound<TurnWatch>
    private let metrics: GroupMetrics
    private let queue: SendQueue
    private let logger: Logger

    init(_ actor: Actor, _ queue: SendQueue, options: GroupOptions, logger: Logger) {
        self.actor = actor
        self.queue = queue
        metrics = GroupMetrics(actor.id)
        self.logger = logger
        executed = ThreadBound(Array(repeating: 0, count: actor.actorSystem.memberCount))
        audit = ThreadBound(StateAudit(interval: options.auditInterval))
        watch = ThreadBound(TurnWatch())
    }

    var divergence: Divergence? { audit.value.divergence }

    func messages(of rank: Int) -> UInt64 { executed.value[rank] }

    func deliver(from core: inout OrderedMulticast, own: inout OwnMessages) throws(ProtocolError) -> Bool {
        guard let first = try core.next() else { return false }
        watch.value.begin()
        let before = updates
        answered = 0
        // The actor's isolation is this thread.
        nonisolated(unsafe) let replica = self
        // One check of isolation for the whole batch: it costs more than a message does.
        let outcome: Result<Void, ProtocolError> = actor.assumeIsolated { actor in
            Result { () throws(ProtocolError) in
                var message = first
                while true {
                    replica.run(message, own.take(message), on: actor)
                    guard let next = try core.next() else { return }
                    message = next
                }
            }
        }
        metrics.noteBatch(updates: updates - before, queries: answered)
        try outcome.get()
        return true
    }

    func stateHash() -> UInt64 {
        actor.assumeIsolated { actor in
            var hasher = StateHasher()
            actor.hashState(into: &hasher)
            return hasher.finalize()
        }
    }

    /// Runs an update on every replica, or the queries of this node at their place.
    private func run(_ message: OrderedMulticast.Message, _ own: InFlight?, on actor: isolated Actor) {
        executed.value[message.sender] += 1
        var pending: PendingReply?
        switch own {
        case .queries(let queries):
            for query in queries { Self.answer(query, on: actor) }
            answered += queries.count
            return
        case .reply(let reply, _):
            pending = reply
        case .abandoned, nil:
            break
        }
        guard !message.payload.isEmpty else { return }
        guard let header = CallHeader(message.payload) else { return pending?.fail(Self.unreadable) ?? () }
        if header.isReport { return compare(message, on: actor) }
        actor.actorSystem.begin(header, position: message.position, from: message.sender)
        Self.execute(header, message.payload, pending, on: actor)
        updates += 1
        if watch.value.isSlow { reportSlow(header.method) }
        if audit.value.isDue(updates) { report(on: actor) }
    }

    private static func answer(_ query: OutgoingQuery, on actor: isolated Actor) {
        actor.actorSystem.beginQuery()
        query.payload.withUnsafeBytes { payload in
            guard let header = CallHeader(payload) else { return }
            execute(header, payload, query.reply, on: actor)
        }
    }

    private static func execute(
        _ header: CallHeader, _ payload: UnsafeRawBufferPointer, _ pending: PendingReply?, on actor: isolated Actor
    ) {
        var delivery = Delivery(header, payload, pending: pending)
        if header.baggageSize == 0 {
            actor.deliver(&delivery)
        } else {
            let baggage = UnsafeRawBufferPointer(rebasing: payload[CallHeader.size...].prefix(header.baggageSize))
            CallBaggage.with(baggage) { actor.deliver(&delivery) }
        }
        actor.actorSystem.end()
    }

    private static var unreadable: LockstepError {
        LockstepError(.decodingFailed, "The call is in a format of another release. Run one release on all members.")
    }

    // MARK: - Watching

    private func reportSlow(_ method: UInt32) {
        metrics.noteSlow()
        guard let duration = watch.value.takeSlow() else { return }
        let name = Actor.schema.methods.first { $0.number == method }?.name ?? "0x\(String(method, radix: 16))"
        logger.warning(
            "an update took long; the node delivers nothing else meanwhile",
            metadata: ["method": "\(name)", "milliseconds": "\(duration / 1_000_000)"]
        )
    }

    /// Tells the others the hash of this replica's state.
    private func report(on actor: isolated Actor) {
        let began = now()
        var hasher = StateHasher(keepingFields: true)
        actor.hashState(into: &hasher)
        let report = audit.value.note(hasher, version: updates, began: began, ended: now())
        watch.value.begin()
        // A ring that is full has better things to carry, and who does not send only compares.
        let message = report.message
        guard let space = try? queue.claimNow(message.count, upTo: 1) else { return }
        space.bytes(0).copyBytes(from: message)
        try? queue.commit(space)
    }

    private func compare(_ message: OrderedMulticast.Message, on actor: isolated Actor) {
        let member = actor.actorSystem.member(message.sender)
        guard let report = StateAudit.Report(message.payload), member.rank != actor.actorSystem.rank else { return }
        var hasher = StateHasher(keepingFields: true)
        if audit.value.differs(from: report) { actor.hashState(into: &hasher) }
        let names = Dictionary(hasher.fields.map { ($0.nameHash, $0.name) }) { first, _ in first }
        guard audit.value.compare(report, of: member.name, names: names), let divergence else { return }
        metrics.noteDivergence()
        logger.error("the replicas of a group differ: \(divergence)")
    }
}
