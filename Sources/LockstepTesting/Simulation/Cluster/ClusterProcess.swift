import DequeModule
import Lockstep
import LockstepFabric
import LockstepProtocol

/// One incarnation of a node: its memory, its membership, and its replicas.
final class ClusterProcess {
    let index: Int
    let record: MemberRecord
    let memory: SimulatedMemory
    let world: ClusterWorld
    private(set) var isAlive = true
    var machine: MembershipMachine?
    var shards: [ClusterShard] = []
    /// What the replicas were when each view began, for those who have to catch up.
    var starts: [UInt64: [Int: ClusterState]] = [:]
    /// What else the shards execute, and its states when each view began.
    var replicas: [Int: any OrderedReplica] = [:]
    var startStates: [UInt64: [Int: DetachedState]] = [:]
    /// Updates that wait to be sent, by shard.
    var waiting: [Int: Deque<ClusterUpdate>] = [:]
    var queries = ClusterQueries()
    /// For how long its clock has stood still.
    private var stoodStill: Int64 = 0
    private var stoppedAt: Int64 = 0
    /// How many updates it ever wanted, by shard.
    private(set) var wanted: [Int: Int] = [:]
    private var mirrors: [UInt64: SimulatedMemory] = [:]
    var dataChannels: [Int: ClusterChannel] = [:]
    private var inbox: [Inbox] = []
    private var pausedUntil: Int64 = 0
    private var starvedUntil: Int64 = 0
    private var nextTurn = Int64.max
    private var lastSequence: UInt64 = 0
    /// How many more pushes this process will live.
    private var pushesLeft: Int?
    /// What begins when it wedges a view: pushes, and then it is cut off for a time, or dies.
    private var failureInChange: (pushes: Int, cutOff: Int64?)?
    private var cutOff: Int64?
    /// True if the others know at once when it dies.
    private(set) var diesKnown = false
    var isFormed = false
    var serves = true
    /// When it last heard a majority again.
    var servesSince: Int64 = 0

    /// What it will notice at its next turn.
    enum Inbox {
        case connected(ClusterProcess)
        case broken(ClusterProcess)
        case dead(ClusterProcess)
        case leave
    }

    init(index: Int, incarnation: UInt64, world: ClusterWorld) {
        self.index = index
        self.world = world
        let votes = !world.scenario.readers.contains(index)
        record = MemberRecord(peer: Peer(index), incarnation: incarnation, votes: votes)
        memory = SimulatedMemory(size: world.places.regionSize)
    }

    var name: String { "node \(index)#\(record.incarnation)" }

    /// True if it is a member that has not been told to stop.
    var isMember: Bool { isAlive && machine?.role == .member }

    var view: MembershipView? { machine?.view }

    // MARK: - The outside

    /// Takes part from a view on: as a member of it, or as a learner.
    func begin(in view: MembershipView) {
        machine = MembershipMachine(
            me: record, view: view, region: memory.region, layout: world.places.row, settings: world.scenario.settings,
            rules: world.rules, now: now)
        if machine?.role == .member {
            makeShards(view, after: nil) { _ in ClusterState() }
        } else {
            machine?.noteReady()
        }
        wake()
    }

    func want(_ count: Int, shard: Int) {
        wanted[shard, default: 0] += count
        for _ in 0..<count { waiting[shard, default: []].append(nextUpdate()) }
        wake()
    }

    /// Wants an update that has a content; returns what it is known by.
    func send(_ content: [UInt8], shard: Int) -> ClusterUpdate {
        wanted[shard, default: 0] += 1
        let update = nextUpdate(content)
        waiting[shard, default: []].append(update)
        wake()
        return update
    }

    private func nextUpdate(_ content: [UInt8] = []) -> ClusterUpdate {
        lastSequence += 1
        return ClusterUpdate(origin: record.incarnation, sequence: lastSequence, content: content)
    }

    func tell(_ event: Inbox) {
        inbox.append(event)
        wake()
    }

    /// Cuts what holds itself in circles.
    func dissolve() { (inbox, dataChannels) = ([], [:]) }

    func noteBroken(_ other: ClusterProcess) { if isAlive { tell(.broken(other)) } }

    func pause(until time: Int64) {
        if world.scenario.clocksStop {
            if !isPaused { stoppedAt = now }
            stoodStill += max(0, time - max(pausedUntil, world.clock.now))
        }
        pausedUntil = max(pausedUntil, time)
    }

    func starve(until time: Int64) { starvedUntil = max(starvedUntil, time) }

    /// By its own clock.
    var now: Int64 { isPaused && world.scenario.clocksStop ? stoppedAt : world.clock.now - stoodStill }

    var isPaused: Bool { world.clock.now < pausedUntil }

    private var isStarved: Bool { !isPaused && world.clock.now < starvedUntil }

    var runs: Bool { !isPaused && !isStarved }

    func crash(after pushes: Int, isKnown: Bool) {
        diesKnown = isKnown
        pushes == 0 ? die() : (pushesLeft = pushes)
    }

    func failInChange(after pushes: Int, cutOff: Int64?) { failureInChange = (pushes, cutOff) }

    func beginFailure() {
        guard let failure = failureInChange else { return }
        (pushesLeft, cutOff, failureInChange) = (failure.pushes + 1, failure.cutOff, nil)
    }

    private func fail() {
        pushesLeft = nil
        guard let duration = cutOff else { return die() }
        cutOff = nil
        world.cutOff(self, for: duration)
    }

    /// Ends of its own will, or because it has to come back as another incarnation.
    func stop() {
        guard isAlive else { return }
        isAlive = false
        world.service?.noteEnd(of: self)
    }

    /// From here on nothing goes wrong.
    func heal() { (pushesLeft, pausedUntil, starvedUntil, failureInChange) = (nil, 0, 0, nil) }

    private func die() {
        guard isAlive else { return }
        isAlive = false
        note("crashes")
        world.service?.noteEnd(of: self)
        world.noteCrash(of: self)
    }

    // MARK: - Memory

    func arrive(_ snapshot: Snapshot, from sender: ClusterProcess) {
        guard isAlive else { return }
        snapshot.apply(to: mirror(of: sender))
        wake()
    }

    func arrive(_ snapshot: Snapshot, _ masks: [UInt64], from sender: ClusterProcess) {
        guard isAlive else { return }
        snapshot.apply(masks, to: mirror(of: sender))
        wake()
    }

    func mirror(of other: ClusterProcess) -> SimulatedMemory {
        if let mirror = mirrors[other.record.incarnation] { return mirror }
        let mirror = SimulatedMemory(size: memory.size)
        mirrors[other.record.incarnation] = mirror
        return mirror
    }

    func push(_ range: Range<Int>, over channels: [ClusterChannel]) {
        let snapshot = Snapshot(range, of: memory)
        for channel in channels where isAlive {
            channel.post(snapshot, from: self)
            if let left = pushesLeft {
                pushesLeft = left - 1
                if left <= 1 { fail() }
            }
        }
    }

    // MARK: - Turns

    /// Something happened: a turn is due soon.
    func wake() { schedule(at: world.clock.now + Int64(world.random.pick(1...world.pace(of: index)))) }

    private func schedule(at time: Int64) {
        guard isAlive, time < nextTurn else { return }
        nextTurn = time
        world.clock.schedule(at: time) { [unowned self] in
            guard nextTurn == time else { return }
            nextTurn = .max
            turn()
        }
    }

    private func turn() {
        guard isAlive, machine != nil else { return }
        guard runs else { return schedule(at: max(pausedUntil, starvedUntil)) }
        world.service?.noteTurn(of: self)
        do {
            // The membership and the poller are threads of their own.
            let order = world.random.pick(0...3)
            if order != 1 { try turnMembership() }
            if order != 2 { try turnShards() }
            if order == 1 || order == 2 { wake() }
        } catch let violation as Violation {
            world.report(violation)
        } catch {
            world.report(Violation(.integrity, "\(name) cannot read what it received: \(error)"))
        }
    }

    private func turnMembership() throws {
        for event in inbox { notice(event) }
        inbox = []
        noteStarved()
        if world.service != nil { machine?.hostTime = UInt64(ClusterWorld.stamp(now)) }
        let effects = machine?.step(now: now) ?? []
        if let end = machine?.leaseEnd { world.service?.noteLease(until: end, of: self) }
        for effect in effects where isAlive { try perform(effect) }
        if let report = machine?.takeReport() { note("reports \(report.text)") }
        try transfer()
        guard isAlive, let deadline = machine?.deadline else { return }
        if !effects.isEmpty { wake() }
        if deadline < .max { schedule(at: max(deadline + stoodStill, world.clock.now + 1)) }
    }

    private func notice(_ event: Inbox) {
        switch event {
        case .connected(let other):
            machine?.noteConnected(
                other.record.peer, incarnation: other.record.incarnation, mirror(of: other).mirror)
        case .broken(let other):
            note("loses its channel to \(other.name)")
            machine?.noteBroken(other.record.peer, incarnation: other.record.incarnation)
        case .dead(let other):
            machine?.noteDead(other.record.peer, incarnation: other.record.incarnation)
        case .leave:
            if machine?.role == .member { machine?.noteLeaving() }
        }
    }

    /// As far as the kernel of one host would say.
    private func noteStarved() {
        for peer in machine?.overdue(at: now) ?? PeerSet() {
            guard let other = world.alive.first(where: { $0.record.peer == peer }) else { continue }
            guard other.isStarved, world.canTalk(self, other) else { continue }
            machine?.noteStarved(peer, incarnation: other.record.incarnation)
        }
    }

    private func turnShards() throws {
        var hasWorked = false
        for shard in shards where isAlive {
            let count = shard.send(&waiting[shard.number, default: []], &queries)
            if count > 0 { note("sends \(count) updates to shard \(shard.number)") }
            for range in shard.publish() {
                push(range, over: dataChannels(to: shard.members))
                hasWorked = true
            }
            if serves, machine?.mayDeliver(to: shard.members, at: now) == true, try deliver(shard) { hasWorked = true }
        }
        if serves { try answerSettled() }
        if isAlive { world.service?.noteDelivery(at: self) }
        if hasWorked { wake() }
    }

    private func dataChannels(to peers: PeerSet) -> [ClusterChannel] {
        peers.compactMap { dataChannels[$0.index] }
    }

    /// Delivers what there is.
    private func deliver(_ shard: ClusterShard) throws -> Bool {
        var hasDelivered = false
        while isAlive, !(machine?.isOut ?? true), let delivery = try shard.deliver() {
            hasDelivered = true
            try note(delivery, of: shard, in: machine?.view.number ?? 0)
        }
        return hasDelivered
    }

    func note(
        _ delivery: ClusterShard.Delivery, of shard: ClusterShard, in view: UInt64, isEnding: Bool = false
    ) throws {
        switch delivery {
        case .update(let update, let index, let reply):
            note("delivers \(update) of shard \(shard.number)\(isEnding ? ", as view \(view) ends" : "")")
            try world.history.noteDelivery(update, index: index, shard: shard.number, view: view, by: name)
            if update.origin == record.incarnation, let state = shard.state {
                world.history.noteTold(state.count, shard: shard.number)
            }
            if let reply { world.service?.note(reply, to: update, shard: shard.number, at: self) }
        case .mark(let query) where query.way == .markedElsewhere:
            settle(query)
        case .mark(let query):
            try answer(query, shard)
        }
    }

    func note(_ text: @autoclosure () -> String) {
        world.trace.note(index, at: world.clock.now, "#\(record.incarnation) \(text())")
    }
}
