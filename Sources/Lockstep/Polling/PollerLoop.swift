import DequeModule
import LockstepFabric
import LockstepProtocol

/// What a poller's thread works on. It never leaves that thread.
final class PollerLoop {
    private let poller: Poller
    private let fabric: any Fabric
    private let view: View
    private let catalogue: Catalogue
    /// The shards of this node; the first is the catalogue's.
    private var engines: [ShardEngine?] = []
    /// The shard of each bell, for those that are active here.
    private var shards: [Int?] = []
    /// What the next turn has to look at.
    private var changed = ShardSet()
    private var turning = ShardSet()
    /// The shards where somebody waits, so that there are deadlines.
    private var awaited = ShardSet()
    private var work = Poller.Work()
    private var failure: LockstepError?
    private var isStopped = false
    /// Turns without a rest after which deadlines are looked at all the same.
    private let turnsPerExpiryMax = 1024
    private let turnsToTheEndMax = 16

    init(poller: Poller, fabric: any Fabric, view: View, catalogueQueue: SendQueue) {
        self.poller = poller
        self.fabric = fabric
        self.view = view
        catalogue = Catalogue(
            view: view, regionSizes: view.members.map { fabric.mirror(of: Peer($0.rank)).size }
        )
        let engine = ShardEngine(group: Catalogue.group, queue: catalogueQueue, replica: catalogue)
        add(engine, at: Catalogue.shard)
        activate(Catalogue.shard, Catalogue.layout(of: view), bell: Catalogue.bell)
    }

    /// Turns until it is stopped.
    func run() {
        var spinner = Spinner()
        var turns = 0
        while !isStopped {
            turns += 1
            if turn() {
                spinner.noteWork()
            } else if !spinner.mayTurnAgain() {
                park(&spinner)
                turns = turnsPerExpiryMax
            }
            if turns >= turnsPerExpiryMax {
                expire()
                turns = 0
            }
        }
        spinner.release()
    }

    private func park(_ spinner: inout Spinner) {
        let limit = min(deadline ?? .max, spinner.parkLimit ?? .max)
        var hasWorked = false
        fabric.park(until: limit == .max ? nil : limit) {
            hasWorked = turn()
            return hasWorked
        }
        if hasWorked { spinner.noteWork() }
    }

    /// Looks once at everything that has changed; false if there was nothing to do.
    private func turn() -> Bool {
        var hasWorked = takeWork()
        takeBells()
        swap(&changed, &turning)
        for shard in turning {
            guard let engine = engines[shard] else { continue }
            if engine.turn(fabric) {
                hasWorked = true
                changed.insert(shard)
            }
            if engine.isAwaited { awaited.insert(shard) }
        }
        turning.removeAll()
        activate()
        // A turn may leave work for the next one, such as a task that has got room in a ring; nobody wakes this thread
        // for that.
        return hasWorked || poller.isWorkLeft || isStopped
    }

    private func takeBells() {
        fabric.takeBells { bell in
            if bell == Bell.all {
                takeAllBells()
            } else if shards.indices.contains(bell), let shard = shards[bell] {
                changed.insert(shard)
            }
        }
    }

    private func takeAllBells() {
        for case .some(let shard) in shards { changed.insert(shard) }
    }

    /// Does what other threads have left.
    private func takeWork() -> Bool {
        guard poller.takeWork(&work) else { return false }
        performCommands()
        for _ in 0..<min(work.jobs.count, Poller.jobsPerTurnMax) { poller.run(work.jobs.removeFirst()) }
        return true
    }

    private func performCommands() {
        if !work.shards.isEmpty {
            for shard in work.shards { changed.insert(shard) }
            work.shards.removeAll(keepingCapacity: true)
        }
        if !work.commands.isEmpty {
            // A command may turn the loop itself, which then takes more.
            var commands: [@Sendable (PollerLoop) -> Void] = []
            swap(&commands, &work.commands)
            for command in commands { command(self) }
        }
    }

    /// Does what was left at the end, all of it.
    func finish(_ left: Poller.Work) {
        work.commands += left.commands
        work.jobs += left.jobs
        performCommands()
        while let job = work.jobs.popFirst() { poller.run(job) }
    }

    private func engine(at shard: Int) -> ShardEngine? {
        engines.indices.contains(shard) ? engines[shard] : nil
    }

    // MARK: - Commands, on the poller's thread

    /// Adds a shard, which becomes active when every member hosts its group.
    func add(_ engine: ShardEngine, at shard: Int) {
        while engines.count <= shard { engines.append(nil) }
        engines[shard] = engine
        for set in [\PollerLoop.changed, \.turning, \.awaited] { self[keyPath: set].grow(to: engines.count) }
        if let failure { engine.fail(failure) }
    }

    /// Takes back a shard that could not be registered.
    func remove(shard: Int, because error: LockstepError) {
        guard let engine = engine(at: shard) else { return }
        engine.fail(error)
        engines[shard] = nil
    }

    /// Runs something between two turns that needs the memory of all members.
    func withFabric<Value>(_ body: (any Fabric, View) -> Value) -> Value { body(fabric, view) }

    /// What delivers to a shard.
    func replica(shard: Int) -> (any Replica)? { engine(at: shard)?.replica }

    /// How a shard stands, between two updates.
    func status(shard: Int) -> GroupStatus? {
        guard let engine = engine(at: shard) else { return nil }
        return GroupStatus(
            group: engine.group,
            isActive: engine.isActive,
            missing: catalogue.missing(in: engine.group),
            updates: engine.replica.updates,
            stateHash: engine.replica.stateHash(),
            slow: engine.slowMembers(at: now()).map { lag in
                GroupStatus.SlowMember(
                    name: view.members[lag.member].name, positions: lag.positions,
                    duration: .nanoseconds(lag.nanoseconds)
                )
            }
        )
    }

    /// Delivers what can still be delivered, and then ends every shard: without all its members a view is over.
    func fail(_ error: LockstepError) {
        guard failure == nil else { return }
        // What is stable is delivered in the first turn; more of them are for what the others are about to finish, and
        // few, because somebody may go on sending for ever.
        takeAllBells()
        for _ in 0..<turnsToTheEndMax where !isStopped && turn() {}
        failure = error
        for engine in engines { engine?.fail(error) }
    }

    /// Ends the loop; calls that wait fail.
    func stop() {
        fail(LockstepError(.notMember, "This node has left its cluster. Join again to go on."))
        isStopped = true
    }

    // MARK: - Groups and deadlines

    /// Activates the groups that every member hosts since the catalogue's last update.
    private func activate() {
        for complete in catalogue.takeComplete() {
            let shard = engines.firstIndex { $0?.group == complete.group && $0?.isActive == false }
            if let shard { activate(shard, complete.layout, bell: complete.bell) }
        }
    }

    private func activate(_ shard: Int, _ layout: ShardLayout, bell: Int) {
        while shards.count <= bell { shards.append(nil) }
        shards[bell] = shard
        engines[shard]?.activate(layout, bell: min(bell, Bell.all), on: fabric)
        changed.insert(shard)
    }

    private var deadline: Int64? {
        var least: Int64?
        awaited.keep { shard in
            guard let engine = engines[shard], engine.isAwaited else { return false }
            if let deadline = engine.deadline { least = min(least ?? .max, deadline) }
            return true
        }
        return least
    }

    private func expire() {
        let now = Lockstep.now()
        awaited.keep { shard in
            guard let engine = engines[shard], engine.isAwaited else { return false }
            engine.watchLags(at: now)
            engine.expire(at: now) { whyWaiting(engine) }
            return true
        }
    }

    private func whyWaiting(_ engine: ShardEngine) -> LockstepError {
        let missing = catalogue.missing(in: engine.group)
        guard !engine.isActive, !missing.isEmpty else {
            return LockstepError(
                .notExecuted,
                "The ring of \"\(engine.group)\" stayed full until the deadline: some member does not keep up."
            )
        }
        return LockstepError(
            .groupNotActive,
            "The group \"\(engine.group)\" waits for \(missing.joined(separator: ", ")). Host it on every member."
        )
    }
}
