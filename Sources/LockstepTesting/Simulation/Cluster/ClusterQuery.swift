/// A query of a simulated node: it asks how many updates of a shard have been executed.
package struct ClusterQuery: Hashable, Sendable {
    /// How it is made sure that the answer is not an old one.
    package enum Way: String, Hashable, Sendable, CaseIterable {
        /// A message without content marks its place in the order of the shard.
        case marked
        /// A message marks a moment in the order of the shard that everybody has. What was received of the queried
        /// shard by then is waited for.
        case markedElsewhere
        /// Nobody goes on without this node for a while. What was received when it was asked is waited for.
        case leased
    }

    let shard: Int
    let way: Way
    /// How many updates of the shard somebody had the result of, or had been told of, when this was asked.
    let least: Int
    /// The state of a shard may be lost; such a query proves nothing.
    let generation: Int
    /// Who asks; 0 for nobody who would look at the answer.
    var number = 0
}

/// The queries of one process that are not answered.
struct ClusterQueries {
    /// To be marked in the order of a shard.
    var unmarked: [(shard: Int, query: ClusterQuery)] = []
    /// What a shard has received is waited for: everything below a position.
    var settling: [(position: UInt64, query: ClusterQuery)] = []

    /// The view ends: who waited in it begins anew.
    mutating func leaveView(marked: [ClusterQuery]) {
        for query in settling.map(\.query) + marked { ask(query) }
        settling = []
    }

    /// A query without a lease, or that has lost it, is marked.
    mutating func ask(_ query: ClusterQuery) {
        unmarked.append((query.way == .markedElsewhere ? 0 : query.shard, query))
    }
}

// What queries see is checked by counting: a state is a beginning of the one history of its shard.
extension ClusterHistory {
    func query(_ shard: Int, _ way: ClusterQuery.Way, number: Int) -> ClusterQuery {
        ClusterQuery(
            shard: shard, way: way, least: told[shard, default: 0], generation: generations[shard, default: 0],
            number: number)
    }

    /// Somebody has got the result of an update, or an answer, from a state with so many updates.
    mutating func noteTold(_ count: Int, shard: Int) { told[shard] = max(told[shard, default: 0], count) }

    mutating func noteAnswer(_ query: ClusterQuery, _ state: ClusterState, by node: String) throws(Violation) {
        guard query.generation == generations[query.shard, default: 0] else { return }
        answerCount += 1
        guard state.count >= query.least else {
            throw Violation(
                .linearizability,
                """
                \(node) answers a \(query.way.rawValue) query of shard \(query.shard) from \(state.count) updates, and \
                somebody knew of \(query.least) when it was asked.
                """)
        }
        noteTold(state.count, shard: query.shard)
    }
}
