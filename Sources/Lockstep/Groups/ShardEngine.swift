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
    private var core: OrderedMulticast?
    private var others = PeerSet()
    /// The number that all members know the shard by.
    private var bell = 0
    private var own = OwnMessages(member: 0)
    private var commits: [Commit] = []
    private var progress = RingProgress()
    private var hasWaiters = false
    private var failure: LockstepError?
    private var lags = LagWatch()

    init(
        group: GroupID, queue: SendQueue, delivery: OrderedMulticast.DeliveryOrder = .total, replica: any Replica
    ) {
        self.group = group
        self.queue = queue
        self.delivery = delivery
        self.replica = replica
    }

    var isActive: Bool { core != nil }

    /// True if somebody waits for something here.
    var isAwaited: Bool { failure == nil && (hasWaiters || !own.isEmpty) }

    /// Begins to send and deliver: every member has the group now.
    func activate(_ layout: ShardLayout, bell: Int, on fabric: any Fabric) {
        precondition(core == nil, "a shard must be activated once a view")
        let mirrors = layout.members.map { fabric.mirror(of: $0.peer) }
        core = OrderedMulticast(layout: layout, region: fabric.region, mirrors: mirrors, delivery: delivery)
        own = OwnMessages(member: layout.me)
        others = layout.others
        self.bell = bell
        let ring = layout.members[layout.me].ring
        if !ring.isEmpty { queue.open(ring) }
    }

    /// Sends, receives and delivers what there is; false if there was nothing.
    func turn(_ fabric: any Fabric) -> Bool {
        guard failure == nil else { return false }
        let hasSent = sendCommitted()
        guard core != nil else { return false }
        core?.observe()
        let hasPushed = push(to: fabric)
        return deliver() || hasPushed || hasSent || core?.owesRelease == true
    }

    /// Ends the shard: what is in flight has an unknown outcome, what is queued was not executed.
    func fail(_ error: LockstepError) {
        guard failure == nil else { return }
        failure = error
        let unknown = LockstepError(
            .outcomeUnknown, "The call was sent, and then this happened: \(error.message)", cause: error
        )
        own.queue.append(contentsOf: queue.close(because: error))
        own.fail(unknown, queries: error)
    }

    // MARK: - Deadlines and slow members

    /// The earliest deadline of somebody who waits, nil if nobody does.
    var deadline: Int64? { [own.deadline, queue.deadline].compactMap(\.self).min() }

    /// Fails those whose deadline has passed. `reason` says what the shard waits for.
    func expire(at now: Int64, reason: () -> LockstepError) {
        guard let deadline, deadline <= now else { return }
        queue.expire(at: now, reason())
        own.expire(at: now)
    }

    /// Takes note of who is behind.
    func watchLags(at now: Int64) {
        if let core { lags.note(core.receivedByMember, at: now) }
    }

    /// Who holds the shard back, by place.
    func slowMembers(at now: Int64) -> [LagWatch.Lag] {
        watchLags(at: now)
        return lags.lags(at: now)
    }

    // MARK: - A turn

    private func sendCommitted() -> Bool {
        if let news = core?.takeProgress() { progress = news }
        hasWaiters = queue.exchange(progress, commits: &commits, own: &own)
        progress.settledRecords = 0
        guard !commits.isEmpty else { return false }
        for commit in commits {
            if core?.isLate(commit) == true {
                queue.withClaims { core?.sendLate(commit, from: &$0) }
            } else {
                core?.send(commit)
            }
        }
        commits.removeAll(keepingCapacity: true)
        return true
    }

    private func push(to fabric: any Fabric) -> Bool {
        guard let publication = core?.publish() else { return false }
        publication.ring.forEach { fabric.push($0, to: others) }
        fabric.push(publication.line, to: others)
        fabric.notify(others, of: bell) { publication.isNews || core?.completesStability() == true }
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
