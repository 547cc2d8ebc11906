import LockstepFabric

/// One node: a poller that takes turns over those of its shards that have changed, as the real one does, and parks
/// when there is nothing to do.
package final class SimulatedNode {
    let index: Int
    let fabric: SimulatedFabric
    /// How slow it is.
    var pace: Scenario.Pace
    private let world: SimulatedWorld
    private let shards: [SimulatedShard]
    private var pausedUntil: Int64 = 0
    /// The shards, by group, that the next turn has to look at.
    private var changed: Set<Int> = []
    /// Where the turn is.
    private var steps: [(shard: SimulatedShard, step: SimulatedShard.Step)] = []
    private var nextStep = 0
    /// How many messages the shard at hand has delivered in this turn.
    private var deliveryCount = 0
    private var hasWorked = false

    init(
        index: Int, fabric: SimulatedFabric, shards: [SimulatedShard], pace: Scenario.Pace,
        world: SimulatedWorld
    ) {
        self.index = index
        self.fabric = fabric
        self.shards = shards
        self.pace = pace
        self.world = world
    }

    func start() {
        fabric.onWake = { [unowned self] in
            note("wakes up")
            scheduleTurn()
        }
        for shard in shards {
            shard.onCommit = { [unowned self, unowned shard] in mark(shard) }
            changed.insert(shard.group.number)
        }
        scheduleTurn()
    }

    /// The program has something for the poller.
    private func mark(_ shard: SimulatedShard) {
        changed.insert(shard.group.number)
        fabric.wake()
    }

    /// True if the program here waits for nothing.
    func isDone(group: Int) -> Bool { shards.allSatisfy { $0.group.number != group || $0.isDone } }

    /// No turn, and no further step of one, before this time.
    func pause(until time: Int64) {
        note("is paused until \(time)")
        pausedUntil = max(pausedUntil, time)
    }

    /// The program at this node sends.
    func queue(_ sizes: [Int], group: Int) {
        guard let shard = shards.first(where: { $0.group.number == group }) else { return }
        note("group \(group): wants to send \(sizes.count) messages of \(sizes.reduce(0, +)) bytes")
        shard.queue(sizes: sizes)
        mark(shard)
    }

    // MARK: - Turns

    private func scheduleTurn() {
        world.clock.schedule(after: world.random.pick(1...pace.turn)) { [unowned self] in
            hasWorked = false
            beginTurn()
            goOn()
        }
    }

    private func beginTurn() {
        fabric.takeBells { changed.insert($0) }
        steps = shards.filter { changed.contains($0.group.number) }
            .flatMap { shard in SimulatedShard.Step.allCases.map { (shard, $0) } }
        changed.removeAll()
        nextStep = 0
    }

    /// Takes the steps of a turn, with what arrives meanwhile between them if this node is slow.
    private func goOn() {
        guard world.clock.now >= pausedUntil else {
            return world.clock.schedule(at: pausedUntil) { [unowned self] in goOn() }
        }
        do {
            while nextStep < steps.count {
                try takeStep()
                if pace.step > 0 { return scheduleStep() }
            }
            try finishTurn()
        } catch {
            world.report(error)
        }
    }

    private func scheduleStep() {
        world.clock.schedule(after: world.random.pick(0...pace.step)) { [unowned self] in goOn() }
    }

    private func takeStep() throws(Violation) {
        let (shard, step) = steps[nextStep]
        switch step {
        case .send: send(shard)
        case .publish: publish(shard)
        case .deliver: if try deliver(shard) { return }
        }
        nextStep += 1
        deliveryCount = 0
    }

    private func finishTurn() throws(Violation) {
        if !hasWorked { try park() }
        if !fabric.isParked { scheduleTurn() }
    }

    /// Parks, unless a last look finds something: that is a whole turn, with whatever comes of it.
    private func park() throws(Violation) {
        var failure: Violation?
        fabric.park(until: nil) {
            do {
                beginTurn()
                while nextStep < steps.count { try takeStep() }
            } catch {
                failure = error as? Violation
            }
            return hasWorked
        }
        if let failure { throw failure }
        if fabric.isParked { note("parks") }
    }

    // MARK: - Steps

    private func send(_ shard: SimulatedShard) {
        guard let count = shard.send() else { return }
        noteWork(shard)
        note("group \(shard.group.number): sends \(count) messages")
    }

    private func publish(_ shard: SimulatedShard) {
        guard let count = shard.publish() else { return }
        noteWork(shard)
        note("group \(shard.group.number): pushes \(count) bytes")
    }

    /// Delivers some messages; false if there are none, or if it has been enough for this turn.
    private func deliver(_ shard: SimulatedShard) throws(Violation) -> Bool {
        let rest = pace.deliveriesMax - deliveryCount
        let deliveries = rest > 0 ? try shard.deliver(upTo: rest, among: world.fabrics) : []
        guard !deliveries.isEmpty else {
            if shard.owesRelease { noteWork(shard) }
            return false
        }
        deliveryCount += deliveries.count
        noteWork(shard)
        for delivery in deliveries { note("group \(shard.group.number): delivers \(delivery)") }
        return true
    }

    private func noteWork(_ shard: SimulatedShard) {
        hasWorked = true
        changed.insert(shard.group.number)
    }

    private func note(_ text: @autoclosure () -> String) {
        world.trace.note(index, at: world.clock.now, text())
    }
}
