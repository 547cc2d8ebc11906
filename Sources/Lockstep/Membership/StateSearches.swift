/// Whom this node asks for the state of its replicas, one after the other, until one gives it or the view is over.
struct StateSearches {
    private var searches: [Int: Search] = [:]

    private struct Search {
        let group: GroupID
        let sources: [UInt64]
        let view: UInt64
        let began: Int64
        var next = 0
        /// The size of the state, once it has come.
        var size: Int?

        var source: UInt64 { sources[(max(next, 1) - 1) % sources.count] }
    }

    /// A replica needs its state in a view; what it needed in an earlier one counts no more.
    mutating func begin(_ sources: [UInt64], for group: GroupID, shard: Int, in view: UInt64) {
        precondition(!sources.isEmpty, "a replica is given its state by somebody")
        searches[shard] = Search(group: group, sources: sources, view: view, began: now())
    }

    /// Whom to ask next, nil if that is no longer needed.
    mutating func next(_ shard: Int, in view: UInt64) -> (source: UInt64, group: GroupID)? {
        guard let search = searches[shard], search.view == view, search.size == nil else { return nil }
        searches[shard]?.next += 1
        return (search.sources[search.next % search.sources.count], search.group)
    }

    /// The state has come; false if it is not needed. One that comes late, from an earlier view, must not end the search in
    /// the present one.
    mutating func end(_ shard: Int, in view: UInt64, size: Int) -> Bool {
        guard let search = searches[shard], search.view == view, search.size == nil else { return false }
        searches[shard]?.size = size
        return true
    }

    /// The last search for a shard: where it began, whom it has asked last, and the size of what came.
    func progress(of shard: Int) -> (source: UInt64, began: Int64, size: Int?)? {
        searches[shard].map { ($0.source, $0.began, $0.size) }
    }
}
