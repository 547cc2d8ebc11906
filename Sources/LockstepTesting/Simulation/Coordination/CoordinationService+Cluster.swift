import Lockstep
import LockstepCoordination
import LockstepFabric
import LockstepProtocol

// What the cluster asks of it.
extension CoordinationService: ClusterService {
    func begin(in world: ClusterWorld) {
        cluster = world
        for timed in scenario.events { world.clock.schedule(at: timed.time) { [weak self] in self?.happen(timed) } }
        for index in 0..<scenario.clientCount { startClient(index, after: world.random.pick(1...2_000)) }
    }

    func makeReplica(of shard: Int, at process: ClusterProcess) -> any OrderedReplica {
        guard let group = CoordinationGroup(rawValue: shard) else { preconditionFailure("there are two groups") }
        let grace = flaw == .noGrace ? 0 : ClusterWorld.stamp(scenario.grace)
        do {
            let replica = try CoordinationReplica(
                of: group, on: node, grace: .nanoseconds(grace), changesKept: scenario.changesKept)
            replica.hidesSessionEnds = flaw == .keptSession
            desk(of: process).add(replica, of: group)
            return flaw.map { FlawedReplica(replica, $0) } ?? replica.ordered
        } catch {
            preconditionFailure("an actor of the library can be made: \(error)")
        }
    }

    private func desk(of process: ClusterProcess) -> MemberDesk {
        if let desk = desks[process.record.incarnation] { return desk }
        let desk = MemberDesk(process, self)
        desks[process.record.incarnation] = desk
        return desk
    }

    func noteTurn(of process: ClusterProcess) {
        guard let desk = desks[process.record.incarnation] else { return }
        desk.caller?.checkTouch()
        if desk.serves {
            begin(desk)
            desk.proposeDue()
        }
        for line in desk.lines { line.serve() }
    }

    private func begin(_ desk: MemberDesk) {
        guard !desk.hasBegun else { return }
        desk.beginReading()
        guard !desk.isLeaving else { return }
        let caller = MemberCaller(desk.process, desk, self)
        desk.caller = caller
        callers.append(caller)
        beginUsers(of: caller)
    }

    func noteLease(until end: Int64, of process: ClusterProcess) {
        desks[process.record.incarnation]?.caller?.noteLease(until: end)
    }

    func noteDelivery(at process: ClusterProcess) { desks[process.record.incarnation]?.readNews() }

    func note(_ reply: DetachedReply, to update: ClusterUpdate, shard: Int, at process: ClusterProcess) {
        desks[process.record.incarnation]?.note(reply, to: update)
    }

    func noteAnswer(to query: ClusterQuery, at process: ClusterProcess) {
        guard let (asked, then) = queries.removeValue(forKey: query.number),
            let replica = desks[process.record.incarnation]?.replicas[asked.group]
        else { return }
        then(asked.answer(from: replica))
    }

    func note(_ replica: any OrderedReplica, of shard: Int, at point: String, by process: ClusterProcess) {
        check { try replicaBook.note(replica, of: shard, at: point, by: process.name) }
    }

    func noteLeaving(of process: ClusterProcess) { desk(of: process).leave() }

    func noteEnd(of process: ClusterProcess) { desks[process.record.incarnation]?.end() }

    // MARK: - The end

    func heal() {
        isClosing = true
        cuts = cuts.map { _ in 0 }
        pauses = pauses.map { _ in 0 }
    }

    var isAtRest: Bool {
        guard callers.allSatisfy(\.isAtRest), clientsAreThere else { return false }
        let present = world.alive.compactMap { desks[$0.record.incarnation] }
        guard drain(present) else { return false }
        return present.allSatisfy { $0.replicas[.turns]?.isIdle ?? true }
    }

    private var clientsAreThere: Bool {
        let present = callers.filter { $0 is ClientCaller && !$0.hasEnded }.count
        return present == scenario.clientCount - deadClients.count
    }

    /// True if all queues are empty; if not, somebody takes what is there.
    private func drain(_ desks: [MemberDesk]) -> Bool {
        for key in (1...scenario.keyCount).map({ "queue/\($0)" }) {
            guard desks.contains(where: { $0.replicas[.turns]?.itemCount(of: key) ?? 0 > 0 }) else { continue }
            for caller in desks.compactMap(\.caller) where !caller.hasEnded { caller.users.first?.take(key) }
            return false
        }
        return true
    }

    var summary: String {
        let waiting = callers.filter { !$0.isAtRest }.map(\.name).joined(separator: ", ")
        let idle = world.alive.filter { desks[$0.record.incarnation]?.replicas[.turns]?.isIdle == true }.map(\.name)
        return """
            \(waiting.isEmpty ? "no users wait" : "users of \(waiting) wait"); nobody has anything at \(idle.isEmpty ? "none" : "\(idle)")
            """
    }

    func finish(isAtRest: Bool) throws {
        try holds.finish()
        try news.finish()
        guard isAtRest else { return try values.finish(at: now, count: nil) }
        for process in world.alive {
            for (shard, replica) in process.replicas {
                try replicaBook.note(replica, of: shard, at: "the end", by: process.name)
            }
        }
        try meetings.finish()
        try items.finish()
        guard let replica = world.alive.lazy.compactMap({ self.desks[$0.record.incarnation]?.replicas[.values] }).first
        else { return }
        for shelf in ["register"] + (1...scenario.keyCount).map({ "map/\($0)" }) {
            for key in (1...3).map({ "\($0)" }) {
                let answer = CoordinationQuery.entry(key: key, shelf: shelf).answer(from: replica)
                values.noteRead(shelf, key, answer, from: now + 1, to: now + 1)
            }
        }
        try values.finish(at: now) { replica.count(of: $0) }
    }

    var counts: [String: Int] {
        let retries = callers.compactMap { $0 as? ClientCaller }.reduce(0) { $0 + $1.retryCount }
        return [
            "holds": holds.count, "losses": holds.lossCount, "meetings": meetings.count, "items": items.finishedCount,
            "values": values.count, "news": news.count, "retries": retries,
        ]
    }

    func dissolve() {
        cluster = nil
        holds.dissolve()
        for caller in callers { caller.dissolve() }
        for desk in desks.values { desk.dissolve() }
        (callers, desks, queries) = ([], [:], [:])
    }
}
