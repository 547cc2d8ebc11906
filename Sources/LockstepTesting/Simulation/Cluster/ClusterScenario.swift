import LockstepProtocol

/// What happens in one simulated cluster, drawn from the seed.
package struct ClusterScenario: Sendable {
    /// Something that happens at a time.
    package enum Event: Hashable, Sendable {
        /// A node dies, after so many more pushes; the others know it at once, or only from its silence.
        case crash(node: Int, pushes: Int, isKnown: Bool)
        /// The same, but the pushes are counted from when the node next wedges a view; or then it is not dead, but cut off
        /// from everybody for a time.
        case failInChange(node: Int, pushes: Int, cutOff: Int64?)
        /// A node that is not running starts, as a new incarnation.
        case start(node: Int)
        case pause(node: Int, duration: Int64)
        /// A node gets no processor, and whoever reaches it knows that.
        case starve(node: Int, duration: Int64)
        case leave(node: Int)
        /// The channel between two nodes breaks; another opens at once.
        case reset(node: Int, other: Int)
        /// Nothing gets from the first nodes to the second.
        case cut(from: [Int], to: [Int], duration: Int64)
        /// A node wants to send so many updates to a shard.
        case updates(node: Int, shard: Int, count: Int)
        /// A node asks a shard.
        case query(node: Int, shard: Int, way: ClusterQuery.Way)
    }

    package struct Timed: Hashable, Sendable {
        package let time: Int64
        package let event: Event

        package init(_ time: Int64, _ event: Event) { (self.time, self.event) = (time, event) }
    }

    package let nodeCount: Int
    /// The nodes of the first view are the first.
    package let founderCount: Int
    /// How many members each shard has at most: those of the lowest ranks.
    package var shardSizes: [Int]
    package var events: [Timed]
    package let delays: SimulatedNetwork.Delays
    /// True if pushes are visible at once.
    package let isCoherent: Bool
    /// The longest time that a node takes to notice something.
    package let paces: [Int]
    /// A channel breaks when it was cut for so long; until then what is pushed arrives late.
    package let breakAfter: Int64
    package let settings: MembershipSettings
    /// When all faults end.
    package let healTime: Int64
    /// True if the clock of a node stops while it is paused.
    package var clocksStop = false
    /// The nodes that do not vote.
    package var readers: Set<Int> = []

    /// A calm cluster of which everybody has the one shard, and in which only the events happen.
    package init(founders: Int, nodes: Int? = nil, events: [Timed]) {
        var delays = SimulatedNetwork.Delays()
        (delays.least, delays.most) = (20, 30)
        let count = nodes ?? founders
        self.init(
            nodeCount: count, founderCount: founders, shardSizes: [.max], events: events, delays: delays,
            isCoherent: false, paces: Array(repeating: 10, count: count), breakAfter: .max,
            settings: MembershipSettings(timeout: 4_000, heartbeatInterval: 500, backoff: 500),
            healTime: (events.map(\.time).max() ?? 0) + 30_000)
    }

    package init(
        nodeCount: Int, founderCount: Int, shardSizes: [Int], events: [Timed], delays: SimulatedNetwork.Delays,
        isCoherent: Bool, paces: [Int], breakAfter: Int64, settings: MembershipSettings, healTime: Int64
    ) {
        self.nodeCount = nodeCount
        self.founderCount = founderCount
        self.shardSizes = shardSizes
        self.events = events
        self.delays = delays
        self.isCoherent = isCoherent
        self.paces = paces
        self.breakAfter = breakAfter
        self.settings = settings
        self.healTime = healTime
    }

    /// The members of a shard in a view: their ranks.
    package func members(of shard: Int, in view: MembershipView) -> Range<Int> {
        0..<min(shardSizes[shard], view.members.count)
    }
}

extension ClusterScenario.Event: CustomStringConvertible {
    package var description: String {
        switch self {
        case .crash(let node, let pushes, let isKnown):
            "node \(node) will crash after \(pushes) pushes, \(isKnown ? "and everybody will know" : "silently")"
        case .failInChange(let node, let pushes, let cutOff):
            "node \(node) will \(cutOff == nil ? "crash" : "be cut off") \(pushes) pushes after it wedges"
        case .start(let node): "node \(node) starts"
        case .pause(let node, let duration): "node \(node) is paused for \(duration) ns"
        case .starve(let node, let duration): "node \(node) gets no processor for \(duration) ns"
        case .leave(let node): "node \(node) is asked to leave"
        case .reset(let node, let other): "the channel between nodes \(node) and \(other) is reset"
        case .cut(let from, let to, let duration): "links from \(from) to \(to) are cut for \(duration) ns"
        case .query(let node, let shard, let way): "node \(node) asks shard \(shard), \(way.rawValue)"
        case .updates(let node, let shard, let count): "node \(node) wants \(count) updates of shard \(shard)"
        }
    }
}

extension ClusterScenario: CustomStringConvertible {
    package var description: String {
        """
        \(founderCount) founders of \(nodeCount) nodes\(readers.isEmpty ? "" : ", \(readers.sorted()) do not vote"); \
        shards of \(shardSizes.map { $0 == .max ? "all" : "\($0)" }.joined(separator: " and ")) members; \
        \(isCoherent ? "pushes are visible at once" : "links take \(delays.least) to \(delays.most) ns"); \
        timeout \(settings.timeout) ns; channels break after \(breakAfter) ns
        """
    }
}
