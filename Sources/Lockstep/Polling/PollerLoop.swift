import DequeModule
import LockstepFabric

/// What a poller's thread works on. It never leaves that thread.
final class PollerLoop {
    private let poller: Poller
    private let fabric: any Fabric
    private let view: View
    private let catalogue: Catalogue
    /// The shards of this node; the first is the catalogue's.
    private var engines: [ShardEngine?] = []
    private var failure: LockstepError?
    private var isStopped = false
    /// Turns without a rest after which deadlines are looked at all the same.
    private let turnsPerExpiryMax = 1024

    init(poller: Poller, fabric: any Fabric, view: View) {
        self.poller = poller
        self.fabric = fabric
        self.view = view
        catalogue = Catalogue(
            view: view, regionSizes: view.members.map { fabric.mirror(of: Peer($0.rank)).size }
        )
        add(ShardEngine(group: Catalogue.group, replica: catalogue), at: Catalogue.shard)
        engines[Catalogue.shard]?.activate(Catalogue.layout(of: view), on: fabric)
    }

    /// Turns until it is stopped.
    func run() {
        var turns = 0
        while !isStopped {
            turns += 1
            if !turn() {
                fabric.park(until: deadline, unless: turn)
                turns = turnsPerExpiryMax
            }
            if turns >= turnsPerExpiryMax {
                expire()
                turns = 0
            }
        }
    }

    /// Looks at everything once; false if there was nothing to do.
    private func turn() -> Bool {
        var hasWorked = takeWork()
        for engine in engines {
            if engine?.turn(fabric) == true { hasWorked = true }
        }
        activate()
        return hasWorked || isStopped
    }

    private func takeWork() -> Bool {
        let work = poller.takeWork()
        guard !work.isEmpty else { return false }
        perform(work)
        return true
    }

    /// Does what other threads have left, also after the end.
    func perform(_ work: Poller.Work) {
        for command in work.commands { command(self) }
        for call in work.calls { submit(call) }
        for job in work.jobs { job.runSynchronously(on: poller.asUnownedSerialExecutor()) }
    }

    private func submit(_ call: OutgoingCall) {
        guard let engine = engine(at: call.shard) else {
            call.pending.fail(LockstepError(.groupNotHosted, "This node no longer hosts the group."))
            return
        }
        engine.submit(call)
    }

    private func engine(at shard: Int) -> ShardEngine? {
        engines.indices.contains(shard) ? engines[shard] : nil
    }

    // MARK: - Commands, on the poller's thread

    /// Adds a shard, which becomes active when every member hosts its group.
    func add(_ engine: ShardEngine, at shard: Int) {
        while engines.count <= shard { engines.append(nil) }
        engines[shard] = engine
        if let failure { engine.fail(failure) }
    }

    /// Takes back a shard that could not be registered.
    func remove(shard: Int, because error: LockstepError) {
        guard let engine = engine(at: shard) else { return }
        engine.fail(error)
        engines[shard] = nil
    }

    /// How a shard stands, between two updates.
    func status(shard: Int) -> GroupStatus? {
        guard let engine = engine(at: shard) else { return nil }
        return GroupStatus(
            group: engine.group,
            isActive: engine.isActive,
            missing: catalogue.missing(in: engine.group),
            updates: engine.replica.updates,
            stateHash: engine.replica.stateHash()
        )
    }

    /// Delivers what can still be delivered, and then ends every shard: without all its members a view is over.
    func fail(_ error: LockstepError) {
        guard failure == nil else { return }
        while !isStopped && turn() {}
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
            let engine = engines.first { $0?.group == complete.group && $0?.isActive == false }
            engine??.activate(complete.layout, on: fabric)
        }
    }

    private var deadline: Int64? { engines.compactMap { $0?.deadline }.min() }

    private func expire() {
        let now = Lockstep.now()
        for case .some(let engine) in engines {
            engine.expire(at: now) { whyWaiting(engine) }
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
