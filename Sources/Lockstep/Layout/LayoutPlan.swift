/// A layout as the members compare it; all but a user's own function is here.
enum LayoutPlan: Codable, Sendable, Hashable {
    case everyone(atLeast: Int)
    case spread(shards: Int, replicas: Int, atLeast: Int)
    case custom(String)

    /// The most shards that a group may have.
    static let shardsMax = 4096

    var shardCount: Int { if case .spread(let shards, _, _) = self { shards } else { 1 } }

    /// With fewer replicas of a shard the group is suspended.
    var least: Int {
        switch self {
        case .everyone(let least), .spread(_, _, let least): least
        case .custom: 1
        }
    }

    /// True if the members have to tell each other what their functions give.
    var isCustom: Bool { if case .custom = self { true } else { false } }

    /// Why it makes no sense, for people; nil if it does.
    var flaw: String? {
        switch self {
        case .everyone(let least):
            least > 0 ? nil : "A layout needs at least 1 replica, not \(least)."
        case .spread(let shards, let replicas, let least):
            if !(1...Self.shardsMax).contains(shards) {
                "A group has 1 to \(Self.shardsMax) shards, not \(shards)."
            } else if !(1...64).contains(replicas) {
                "A shard has 1 to 64 replicas, not \(replicas)."
            } else if !(1...replicas).contains(least) {
                "A shard of \(replicas) replicas can need 1 to \(replicas) of them, not \(least)."
            } else {
                nil
            }
        case .custom(let name):
            name.utf8.count <= 64 ? nil : "A layout's name has at most 64 bytes: shorten \"\(name)\"."
        }
    }

    func assign(_ request: LayoutRequest) -> [[View.Member]] {
        switch self {
        case .everyone, .custom: return [request.members]
        case .spread(let shards, let replicas, _):
            var spreading = Spreading(request, shards: shards)
            for shard in 0..<shards { spreading.fill(shard, to: replicas) }
            return spreading.shards
        }
    }
}

extension LayoutPlan: CustomStringConvertible {
    var description: String {
        switch self {
        case .everyone(let least): "everyone" + (least > 1 ? ", at least \(least)" : "")
        case .spread(1, let replicas, let least): "\(replicas) replicas, at least \(least)"
        case .spread(let shards, let replicas, let least): "\(shards) shards of \(replicas) replicas, at least \(least)"
        case .custom(let name): "\"\(name)\""
        }
    }
}

/// Shards that are filled one after the other.
private struct Spreading {
    private let members: [View.Member]
    private(set) var shards: [[View.Member]]
    /// How many replicas each has, by rank.
    private var loads: [Int: Int] = [:]

    init(_ request: LayoutRequest, shards count: Int) {
        members = request.members
        shards = (0..<count).map { shard in
            request.current.indices.contains(shard) ? request.current[shard].filter(request.members.contains) : []
        }
        for member in shards.joined() { loads[member.rank, default: 0] += 1 }
    }

    /// Adds replicas until there are enough, or nobody is left: each time on the node that shares least with those that
    /// have one, then on the one that has fewest, then on the one of the lowest rank.
    mutating func fill(_ shard: Int, to count: Int) {
        while shards[shard].count < count {
            let chosen = shards[shard]
            let spares = members.filter { !chosen.contains($0) }
            let next = spares.min { one, other in
                cost(of: one, beside: chosen).lexicographicallyPrecedes(cost(of: other, beside: chosen))
            }
            guard let next else { break }
            shards[shard].append(next)
            loads[next.rank, default: 0] += 1
        }
        shards[shard].sort { $0.rank < $1.rank }
    }

    private func cost(of member: View.Member, beside chosen: [View.Member]) -> [Int] {
        let shared = NodeLabels.levels.map { level in
            member.labels[level].map { label in chosen.count { $0.labels[level] == label } } ?? 0
        }
        return shared + [loads[member.rank] ?? 0, member.rank]
    }
}
