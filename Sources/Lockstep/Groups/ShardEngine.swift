import DequeModule
import LockstepFabric
import LockstepProtocol

/// One shard on this node: messages go in through its queue, and come out at the replica. It lives on the poller's
/// thread.
final class ShardEngine {
    let group: GroupID
    let replica: any Replica
    private let queue: SendQueue
    private let delivery: OrderedMulticast.DeliveryOrder
    /// Nil until every member hosts the group.
    private var active: Active?
    private var hasWaiters = false
    private var failure: LockstepError?
    private var lags = LagWatch()

    /// What there is only in a view where every member hosts the group.
    private final class Active {
        var core: OrderedMulticast
        var own: OwnMessages
        let others: PeerSet
        /// The number that all members know the shard by.
        let bell: Int
        var commits: [Commit] = []

        init(_ core: OrderedMulticast, _ layout: ShardLayout, bell: Int) {
            self.core = core
            self.bell = bell
            own = OwnMessages(member: layout.me)
            others = layout.others
        }
    }

    init(
        group: GroupID, queue: SendQueue, delivery: OrderedMulticast.DeliveryOrder = .total, replica: any Replica
    ) {
        self.group = group
        self.queue = queue
        self.delivery = delivery
        self.replica = replica
    }

    var isActive: Bool { active != nil }

    /// True if somebody waits for something here.
    var isAwaited: Bool { failure == nil && (hasWaiters || active?.own.isEmpty == false) }

    /// Begins to send and deliver: every member has the group now.
    func activate(_ layout: ShardLayout, bell: Int, on fabric: any Fabric) {
        precondition(active == nil, "a shard must be activated once a view")
        let mirrors = layout.members.map { fabric.mirror(of: $0.peer) }
        let core = OrderedMulticast(layout: layout, region: fabric.region, mirrors: mirrors, delivery: delivery)
        active = Active(core, layout, bell: bell)
        let ring = layout.members[layout.me].ring
        if !ring.isEmpty { queue.open(ring) }
    }

    /// Sends, receives and delivers what there is; false if there was nothing.
    func turn(_ fabric: any Fabric) -> Bool {
        guard failure == nil else { return false }
        guard let active else {
            hasWaiters = queue.isAwaited
            return false
        }
        let hasSent = sendCommitted(active)
        active.core.observe()
        let hasPushed = push(active, to: fabric)
        return deliver(active) || hasPushed || hasSent || active.core.owesRelease
    }

    /// Ends the shard: what is in flight has an unknown outcome, what is queued was not executed.
    func fail(_ error: LockstepError) {
        guard failure == nil else { return }
        failure = error
        let unknown = LockstepError(
            .outcomeUnknown, "The call was sent, and then this happened: \(error.message)", cause: error
        )
        let committed = queue.close(because: error)
        active?.own.queue.append(contentsOf: committed)
        active?.own.fail(unknown, queries: error)
    }

    // MARK: - Deadlines and slow members

    /// The earliest deadline of somebody who waits, nil if nobody does.
    var deadline: Int64? {
        let least = min(active?.own.deadline ?? .max, queue.deadline ?? .max)
        return least == .max ? nil : least
    }

    /// Fails those whose deadline has passed. `reason` says what the shard waits for.
    func expire(at now: Int64, reason: () -> LockstepError) {
        guard let deadline, deadline <= now else { return }
        queue.expire(at: now, reason())
        active?.own.expire(at: now)
    }

    /// Takes note of who is behind.
    func watchLags(at now: Int64) {
        if let active { lags.note(active.core.receivedByMember, at: now) }
    }

    /// Who holds the shard back, by place.
    func slowMembers(at now: Int64) -> [LagWatch.Lag] {
        watchLags(at: now)
        return lags.lags(at: now)
    }

    // MARK: - A turn

    private func sendCommitted(_ active: Active) -> Bool {
        hasWaiters = queue.exchange(active.core.takeProgress(), commits: &active.commits, own: &active.own)
        guard !active.commits.isEmpty else { return false }
        for commit in active.commits where !active.core.send(commit) {
            queue.withClaims { active.core.sendLate(commit, from: &$0) }
        }
        active.commits.removeAll(keepingCapacity: true)
        return true
    }

    private func push(_ active: Active, to fabric: any Fabric) -> Bool {
        guard let publication = active.core.publish() else { return false }
        publication.ring.forEach { fabric.push($0, to: active.others) }
        fabric.push(publication.line, to: active.others)
        fabric.notify(active.others, of: active.bell) {
            publication.isNews || active.core.completesStability()
        }
        return true
    }

    private func deliver(_ active: Active) -> Bool {
        do throws(ProtocolError) {
            return try replica.deliver(from: &active.core, own: &active.own)
        } catch {
            let code: LockstepError.Code = error == .countersExhausted ? .countersExhausted : .corruptMemory
            fail(LockstepError(code, "The group \"\(group)\" has stopped. \(error)", cause: error))
            return true
        }
    }
}
