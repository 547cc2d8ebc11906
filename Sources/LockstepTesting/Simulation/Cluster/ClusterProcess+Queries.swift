import LockstepProtocol

// How a process answers queries.
extension ClusterProcess {
    /// Asks a shard; false if this process cannot.
    @discardableResult
    func ask(_ shardNumber: Int, _ way: ClusterQuery.Way, number: Int = 0) -> Bool {
        guard isMember, let shard = shard(shardNumber) else { return false }
        note("is asked for shard \(shardNumber)")
        let query = world.history.query(shardNumber, way, number: number)
        if way == .leased {
            settle(query)
        } else if world.rules.contains(.query) {
            queries.ask(query)
        } else {
            queries.settling.append((shard.delivered, query))
        }
        wake()
        return true
    }

    private func shard(_ number: Int) -> ClusterShard? { shards.first { $0.number == number } }

    /// Waits for what is here now.
    func settle(_ query: ClusterQuery) {
        guard let shard = shard(query.shard) else { return }
        queries.settling.append((shard.received, query))
    }

    /// Answers what has been waited for.
    func answerSettled() throws {
        guard isMember else { return }
        for (position, query) in queries.settling {
            guard let shard = shard(query.shard), shard.state != nil, shard.delivered >= position else { continue }
            queries.settling.removeAll { $0.query == query && $0.position == position }
            if query.way != .leased || holdsLease(shard) {
                try answer(query, shard)
            } else {
                queries.ask(query)
            }
        }
    }

    private func holdsLease(_ shard: ClusterShard) -> Bool {
        !shard.isWedged && (machine?.leaseEnd ?? .min) > now
    }

    func answer(_ query: ClusterQuery, _ shard: ClusterShard) throws {
        guard let state = shard.state else { return }
        note("answers a \(query.way.rawValue) query of shard \(shard.number) from \(state.count) updates")
        try world.history.noteAnswer(query, state, by: name)
        world.service?.noteAnswer(to: query, at: self)
    }
}
