import LockstepFabric
import LockstepProtocol

/// An update that a node wants done: its number among those of the node's incarnation.
package struct ClusterUpdate: Hashable, Sendable, CustomStringConvertible {
    package let origin: UInt64
    package let sequence: UInt64
    /// What the replicas run, if they do more than count.
    var content: [UInt8] = []

    static let headSize = 16

    var size: Int { Self.headSize + content.count }

    package var description: String { "update \(sequence) of incarnation \(origin)" }
}

/// A replica's state: what it has executed, as far as that can be compared.
package struct ClusterState: Hashable, Sendable {
    package var count = 0
    package var hash: UInt64 = 0

    mutating func execute(_ update: ClusterUpdate) {
        count += 1
        hash = (hash ^ update.origin &* 0x9E37_79B9 ^ update.sequence) &* 0xFF51_AFD7_ED55_8CCD
        hash ^= hash >> 29
    }
}

/// What all nodes together did, and whether that is right.
package struct ClusterHistory {
    /// A shard in a view.
    private struct Epoch: Hashable {
        let view: UInt64
        let shard: Int
    }

    private var views: [UInt64: MembershipView] = [:]
    private var decisions: [UInt64: Decision] = [:]
    private var deliveries: [Epoch: [ClusterUpdate]] = [:]
    private var starts: [Epoch: ClusterState] = [:]
    private var ends: [Epoch: ClusterState] = [:]
    private var losses: Set<Epoch> = []
    private var executed: [Int: Set<ClusterUpdate>] = [:]
    /// The last update of each origin, by shard.
    private var lastSequences: [Int: [UInt64: UInt64]] = [:]
    private var executedCounts: [Int: [UInt64: Int]] = [:]
    private(set) var deliveryCount = 0
    var answerCount = 0
    /// How many updates of a shard somebody was told of, and how often its state was lost.
    var told: [Int: Int] = [:]
    private(set) var generations: [Int: Int] = [:]

    /// The latest view that anybody decided on.
    var latest: MembershipView? { views.values.max { $0.number < $1.number } }

    func members(of view: UInt64) -> [MemberRecord]? { views[view]?.members }

    // MARK: - Views

    mutating func note(_ view: MembershipView, by node: String) throws(Violation) {
        let known = views[view.number] ?? view
        views[view.number] = view
        guard known != view else { return }
        throw Violation(
            .oneView, "View \(view.number) at \(node) has the members \(view.names), but elsewhere \(known.names).")
    }

    mutating func note(_ installation: Installation, by node: String) throws(Violation) {
        try note(installation.view, by: node)
        let known = decisions[installation.previous.number] ?? installation.decision
        decisions[installation.previous.number] = installation.decision
        guard known == installation.decision else {
            throw Violation(.oneView, "View \(installation.previous.number) was decided twice, at last by \(node).")
        }
        let kept = known.survivors.union(known.leavers)
        guard installation.previous.isMajority({ kept.contains($0.peer) }) else {
            throw Violation(
                .majority,
                "Only \(kept.map(\.index)) of the members of view \(installation.previous.number) took part in its end."
            )
        }
    }

    /// A node that is told to stop must be missing in a later view.
    func noteExclusion(of member: MemberRecord, from view: MembershipView) throws(Violation) {
        let later = views.values.filter { $0.number > view.number }
        guard !later.isEmpty, later.allSatisfy({ $0.rank(of: member) != nil }) else { return }
        throw Violation(
            .exclusion, "Node \(member.peer.index) stops in view \(view.number), but later views have it as a member.")
    }

    // MARK: - Shards

    /// A replica begins a view with a state: all with the same, and it is the one with which the last view ended.
    mutating func noteStart(_ state: ClusterState, shard: Int, view: UInt64, by node: String) throws(Violation) {
        let known = starts[Epoch(view: view, shard: shard)] ?? ends[Epoch(view: view - 1, shard: shard)] ?? state
        starts[Epoch(view: view, shard: shard)] = state
        guard known == state else {
            throw Violation(
                .sameHistory,
                "\(node) begins view \(view) of shard \(shard) with \(state.count) updates, others with \(known.count)."
            )
        }
    }

    /// Nobody who goes on has the shard's state: it begins anew, which only a shard with few members may.
    mutating func noteLoss(of shard: Int, view: UInt64) throws(Violation) {
        if shard == 0 {
            throw Violation(.nothingLost, "View \(view) begins without the state of the shard that everybody has.")
        }
        guard losses.insert(Epoch(view: view, shard: shard)).inserted else { return }
        ends[Epoch(view: view - 1, shard: shard)] = ClusterState()
        // Somebody who is late tells of a loss after which the shard was lost again.
        guard !losses.contains(where: { $0.shard == shard && $0.view > view }) else { return }
        (executed[shard], lastSequences[shard]) = ([], [:])
        told[shard] = 0
        generations[shard, default: 0] += 1
    }

    /// A survivor has delivered everything of a view.
    mutating func noteEnd(_ state: ClusterState, shard: Int, view: UInt64, by node: String) throws(Violation) {
        let epoch = Epoch(view: view, shard: shard)
        let known = ends[epoch] ?? state
        ends[epoch] = state
        let count = (starts[epoch]?.count ?? 0) + (deliveries[epoch]?.count ?? 0)
        guard known == state, state.count == count else {
            throw Violation(
                .sameHistory,
                """
                \(node) ends view \(view) of shard \(shard) with \(state.count) updates, others with \(known.count), \
                and \(count) were delivered.
                """)
        }
    }

    mutating func noteDelivery(
        _ update: ClusterUpdate, index: Int, shard: Int, view: UInt64, by node: String
    ) throws(Violation) {
        let epoch = Epoch(view: view, shard: shard)
        deliveryCount += 1
        let log = deliveries[epoch] ?? []
        if index < log.count {
            guard log[index] != update else { return }
            throw Violation(
                .sameHistory,
                "Delivery \(index) of shard \(shard) in view \(view) is \(update) at \(node), elsewhere \(log[index]).")
        }
        guard ends[epoch] == nil else {
            throw Violation(
                .sameHistory,
                "\(node) delivers \(update) of shard \(shard) in view \(view), which ended for others before it.")
        }
        deliveries[epoch, default: []].append(update)
        // Who is late may still end a view of a shard that was lost after it.
        guard !losses.contains(where: { $0.shard == shard && $0.view > view }) else { return }
        try noteFirst(update, shard: shard, by: node)
    }

    /// The first delivery of an update anywhere: it must not have run before, and keep its sender's order.
    private mutating func noteFirst(_ update: ClusterUpdate, shard: Int, by node: String) throws(Violation) {
        guard executed[shard, default: []].insert(update).inserted else {
            throw Violation(.exactlyOnce, "\(node) delivers \(update) of shard \(shard), which ran before.")
        }
        executedCounts[shard, default: [:]][update.origin, default: 0] += 1
        let last = lastSequences[shard]?[update.origin]
        lastSequences[shard, default: [:]][update.origin] = update.sequence
        if let last, last > update.sequence {
            throw Violation(.senderOrder, "\(node) delivers \(update) of shard \(shard) after update \(last) of it.")
        }
    }

    /// How many updates of an origin ever ran in a shard.
    func executedCount(of origin: UInt64, shard: Int) -> Int { executedCounts[shard]?[origin] ?? 0 }

    /// True if the state holds everything that was ever delivered in the shard.
    func isComplete(_ state: ClusterState, shard: Int) -> Bool { state.count == executed[shard]?.count ?? 0 }
}

extension MembershipView {
    /// The places and incarnations of the members, to be read.
    package var names: String { "\(members.map(\.name))" }
}

extension MemberRecord {
    var name: String { "\(peer.index)#\(incarnation)" }
}
