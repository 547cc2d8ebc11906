import LockstepFabric
import Synchronization

/// The pollers of a node. Each has its share of the groups: those of the strands whose number, modulo the number of pollers,
/// is its place.
///
/// The first has the catalogue as well. What concerns the views of all goes to it, and it passes that on: so the others see a
/// change of the catalogue, and the end of a view, in the order in which it does.
final class Pollers: Sendable {
    let all: [Poller]
    private let tasks: [PollerTasks]
    private let placed = Mutex(Placed())

    /// Where the groups are that this node hosts, or is about to.
    private struct Placed {
        var groups: [GroupID: Poller] = [:]
        var shards: [Int: Poller] = [:]
    }

    /// Makes those that a region has channels for.
    init(_ region: SharedMemoryRegion, homes: [PollerHome]) {
        precondition(homes.count == region.pollers, "a region must have a channel for each poller")
        let lease = Lease()
        all = homes.enumerated().map { index, home in
            Poller(index: index, home: home, waker: region.waker(of: .poller(index)), lease: lease)
        }
        tasks = all.map { PollerTasks($0) }
    }

    var first: Poller { all[0] }
    /// All but the first.
    var others: ArraySlice<Poller> { all.dropFirst() }
    /// What they share: the other members go on without the node, or not.
    var lease: Lease { first.lease }

    // MARK: - Whose is what

    /// Gives a group that this node hosts its poller.
    func place(_ group: GroupID, shard: Int, on strand: Int) -> Poller {
        let poller = all[strand % all.count]
        placed.withLock { ($0.groups[group], $0.shards[shard]) = (poller, poller) }
        return poller
    }

    /// The poller of a group; the first if the node does not host it.
    func poller(of group: GroupID) -> Poller { placed.withLock { $0.groups[group] } ?? first }

    func poller(ofShard shard: Int) -> Poller { placed.withLock { $0.shards[shard] } ?? first }

    /// Tasks that prefer a poller's thread.
    func executor(of poller: Poller) -> PollerTasks { tasks[poller.index] }

    // MARK: - Work for all of them

    /// Runs something on each, in no order.
    func run(_ command: @escaping @Sendable (PollerLoop) -> Void) {
        for poller in all { poller.run(command) }
    }

    /// Runs something on each, on the others behind all that the first has told them, and `then` when all have done it or have
    /// ended.
    func runInOrder(_ command: @escaping @Sendable (PollerLoop) -> Void, then: @escaping @Sendable () -> Void = {}) {
        let runOnOthers: @Sendable () -> Void = { [self] in others.run(command) { _ in then() } }
        let isRunning = first.run { loop in
            command(loop)
            runOnOthers()
        }
        if !isRunning { runOnOthers() }
    }

    /// Runs something on the first and then, behind all that it has told them, on each of the others, with what the first
    /// gave. `then` gets what all of them gave, on whichever thread is last.
    func runInOrder<Value: Sendable>(
        _ onFirst: @escaping @Sendable (PollerLoop) -> Value,
        _ onOther: @escaping @Sendable (PollerLoop, Value) -> Value,
        then: @escaping @Sendable ([Value]) -> Void
    ) {
        first.run { [self] loop in
            let value = onFirst(loop)
            others.run({ onOther($0, value) }) { then([value] + $0) }
        }
    }
}

extension Collection<Poller> {
    /// Runs something on each. `then` gets what it gave on those that have not ended, on whichever thread is last; at once, if
    /// there is none.
    func run<Value: Sendable>(
        _ command: @escaping @Sendable (PollerLoop) -> Value, then: @escaping @Sendable ([Value]) -> Void
    ) {
        let gathering = Gathering(expected: count, then)
        for poller in self where !poller.run({ gathering.add(command($0)) }) { gathering.add(nil) }
        if isEmpty { then([]) }
    }
}

/// What several threads give, until the last of them has.
private final class Gathering<Value: Sendable>: Sendable {
    private let state: Mutex<(values: [Value], missing: Int)>
    private let then: @Sendable ([Value]) -> Void

    init(expected: Int, _ then: @escaping @Sendable ([Value]) -> Void) {
        state = Mutex(([], expected))
        self.then = then
    }

    /// Nil from who gives nothing.
    func add(_ value: Value?) {
        let values = state.withLock { state -> [Value]? in
            if let value { state.values.append(value) }
            state.missing -= 1
            return state.missing == 0 ? state.values : nil
        }
        if let values { then(values) }
    }
}

/// Where a poller runs, and where its memory lies.
struct PollerHome: Sendable, Hashable {
    /// Nil for wherever the scheduler puts it.
    var numaNode: Int?
}
