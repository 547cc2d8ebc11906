import LockstepFabric

/// The shards of a poller, and which of them it has to look at.
struct ShardTable {
    /// By the shards' numbers on this node.
    private(set) var engines: [ThreadBound<ShardEngine>?] = []
    /// The shard of each bell, for those that are active here.
    private var shardOfBell: [Int?] = []
    /// What the next turn has to look at.
    private(set) var changed = ShardSet()
    /// What this turn looks at.
    private(set) var turning = ShardSet()
    /// Where somebody waits, so that there are deadlines.
    private(set) var awaited = ShardSet()

    subscript(shard: Int) -> ThreadBound<ShardEngine>? {
        engines.indices.contains(shard) ? engines[shard] : nil
    }

    mutating func add(_ engine: ThreadBound<ShardEngine>, at shard: Int) {
        while engines.count <= shard { engines.append(nil) }
        engines[shard] = engine
        changed.grow(to: engines.count)
        turning.grow(to: engines.count)
        awaited.grow(to: engines.count)
    }

    mutating func remove(_ shard: Int) { engines[shard] = nil }

    /// From now on a bell means this shard.
    mutating func connect(_ bell: Int, to shard: Int) {
        while shardOfBell.count <= bell { shardOfBell.append(nil) }
        shardOfBell[bell] = shard
    }

    mutating func noteChanged(_ shard: Int) { changed.insert(shard) }

    mutating func noteAwaited(_ shard: Int) { awaited.insert(shard) }

    /// A bell was rung by another member.
    mutating func noteBell(_ bell: Int) {
        if bell == Bell.all {
            noteAllBells()
        } else if let shard = shard(of: bell) {
            changed.insert(shard)
        }
    }

    /// The shard that a bell means, if it is active here.
    func shard(of bell: Int) -> Int? { shardOfBell.indices.contains(bell) ? shardOfBell[bell] : nil }

    mutating func noteAllBells() {
        for case .some(let shard) in shardOfBell { changed.insert(shard) }
    }

    /// What has changed is looked at now.
    mutating func beginTurn() { swap(&changed, &turning) }

    mutating func endTurn() { turning.removeAll() }

    /// Forgets where nobody waits any more.
    mutating func forgetAnswered() { awaited.keep { shard in engines[shard]?.value.isAwaited == true } }
}
