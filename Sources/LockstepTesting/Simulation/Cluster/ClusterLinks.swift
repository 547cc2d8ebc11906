import LockstepFabric
import LockstepProtocol

/// A channel between two processes: ordered in each direction, late when a link is cut, and gone when it breaks.
final class ClusterChannel {
    let ends: [ClusterProcess]
    private(set) var isOpen = true
    /// When a direction was cut, and what waits there.
    private(set) var cutSince: Int64?
    private var held: [[Snapshot]] = [[], []]
    private var lastArrivals: [Int64] = [0, 0]
    private let world: ClusterWorld

    init(_ one: ClusterProcess, _ other: ClusterProcess, world: ClusterWorld) {
        ends = [one, other]
        self.world = world
    }

    func post(_ snapshot: Snapshot, from sender: ClusterProcess) {
        guard isOpen else { return }
        let direction = sender === ends[0] ? 0 : 1
        guard held[direction].isEmpty, !isCut(direction) else { return held[direction].append(snapshot) }
        send(snapshot, direction)
    }

    private func isCut(_ direction: Int) -> Bool {
        let (from, to) = (ends[direction], ends[1 - direction])
        return world.isCut(from: from.index, to: to.index) || !to.isAlive
    }

    private func send(_ snapshot: Snapshot, _ direction: Int) {
        let (sender, receiver) = (ends[direction], ends[1 - direction])
        guard !world.scenario.isCoherent else { return receiver.arrive(snapshot, from: sender) }
        let delays = world.delays
        let now = world.clock.now
        // Even the slowest push is there soon after the faults have ended.
        let latest = max(now, world.scenario.healTime) + Int64(world.scenario.settings.heartbeatInterval)
        var time = max(min(now + delays.draw(from: sender.index, world.random), latest), lastArrivals[direction])
        for masks in delays.tear(snapshot, world.random) {
            world.clock.schedule(at: time) { [self] in
                if isOpen { receiver.arrive(snapshot, masks, from: sender) }
            }
            time = min(time + Int64(world.random.pick(0...delays.most)), max(time, latest))
        }
        world.clock.schedule(at: time) { [self] in
            if isOpen { receiver.arrive(snapshot, from: sender) }
        }
        lastArrivals[direction] = time
    }

    // MARK: - Cuts

    /// Lets go what was held where nothing is cut any more; breaks after a while where something is.
    func check() {
        guard isOpen else { return }
        for direction in 0...1 where !held[direction].isEmpty && !isCut(direction) {
            for snapshot in held[direction] { send(snapshot, direction) }
            held[direction] = []
        }
        guard isCut(0) || isCut(1) else { return cutSince = nil }
        let since = cutSince ?? world.clock.now
        cutSince = since
        if world.clock.now - since >= world.scenario.breakAfter { close() }
    }

    /// Breaks: what is on its way is lost.
    func close() {
        guard isOpen else { return }
        isOpen = false
        held = [[], []]
        for end in 0...1 { ends[end].noteBroken(ends[1 - end]) }
    }
}
