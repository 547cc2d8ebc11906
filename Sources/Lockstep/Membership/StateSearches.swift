/// Whom this node asks for the state of its replicas, one after the other, until one gives it or the view is over.
struct StateSearches {
    private var searches: [Int: Search] = [:]

    private struct Search {
        let group: GroupID
        let sources: [UInt64]
        let view: UInt64
        var next = 0
    }

    /// A replica needs its state in a view; what it needed in an earlier one counts no more.
    mutating func begin(_ sources: [UInt64], for group: GroupID, shard: Int, in view: UInt64) {
        precondition(!sources.isEmpty, "a replica is given its state by somebody")
        searches[shard] = Search(group: group, sources: sources, view: view)
    }

    /// Whom to ask next, nil if that is no longer needed.
    mutating func next(_ shard: Int, in view: UInt64) -> (source: UInt64, group: GroupID)? {
        guard let search = searches[shard], search.view == view else { return nil }
        searches[shard]?.next += 1
        return (search.sources[search.next % search.sources.count], search.group)
    }

    /// The state has come; false if it is not needed. One that comes late, from an earlier view, must not end the search in
    /// the present one.
    mutating func end(_ shard: Int, in view: UInt64) -> Bool {
        guard searches[shard]?.view == view else { return false }
        searches[shard] = nil
        return true
    }
}
