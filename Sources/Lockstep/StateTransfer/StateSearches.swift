/// Whom this node asks for the state of its replicas, one after the other, until one gives it.
///
/// Each question has a number of its own, which comes back with the answer.
struct StateSearches {
    private var searches: [Int: Search] = [:]
    private var lastRequest: UInt64 = 0

    private struct Search {
        let group: GroupID
        let sources: [UInt64]
        let view: UInt64
        let began: Int64
        var next = 0
        /// The last question.
        var request: UInt64 = 0
        /// True if the state comes, or has come.
        var isAnswered = false
        /// Who cannot give it at all, and why.
        var failures: [UInt64: String] = [:]

        var source: UInt64 { sources[(max(next, 1) - 1) % sources.count] }
    }

    /// What to ask whom.
    struct Question: Equatable {
        let request: UInt64
        let source: UInt64
        let group: GroupID
        let view: UInt64
    }

    /// How a search goes on.
    enum Step: Equatable {
        case ask(Question)
        /// Nobody can give the state.
        case isHopeless(view: UInt64, reasons: [String])
        /// It is not needed, or comes already.
        case isOver
    }

    /// A replica needs its state in a view; what it asked for before counts no more.
    mutating func begin(_ sources: [UInt64], for group: GroupID, shard: Int, in view: UInt64) {
        precondition(!sources.isEmpty, "a replica is given its state by somebody")
        var search = Search(group: group, sources: sources, view: view, began: now())
        if let former = searches[shard], former.view == view, former.group == group {
            search.failures = former.failures
        }
        searches[shard] = search
    }

    /// How the search for a shard goes on.
    mutating func next(_ shard: Int) -> Step {
        guard var search = searches[shard], !search.isAnswered else { return .isOver }
        for _ in search.sources {
            search.next += 1
            guard search.failures[search.source] == nil else { continue }
            lastRequest += 1
            search.request = lastRequest
            searches[shard] = search
            return .ask(
                Question(request: lastRequest, source: search.source, group: search.group, view: search.view))
        }
        return .isHopeless(view: search.view, reasons: Set(search.failures.values).sorted())
    }

    /// The state comes: for which shard, and from whom; nil if it is not needed any more.
    mutating func accept(_ request: UInt64) -> (shard: Int, view: UInt64, source: UInt64)? {
        guard let (shard, search) = searches.first(where: { $1.request == request }), !search.isAnswered else {
            return nil
        }
        searches[shard]?.isAnswered = true
        return (shard, search.view, search.source)
    }

    /// Who was asked has not got it, or cannot give it for a reason. Returns the shard whose search is to go on; nil if
    /// that has been answered, or is over.
    mutating func refuse(_ request: UInt64, because reason: String?) -> Int? {
        guard let (shard, search) = searches.first(where: { $1.request == request }) else { return nil }
        if let reason { searches[shard]?.failures[search.source] = reason }
        return search.isAnswered ? nil : shard
    }

    /// The last search for a shard: when it began, whom it has asked last, and with which question.
    func progress(of shard: Int) -> (request: UInt64, source: UInt64, began: Int64)? {
        searches[shard].map { ($0.request, $0.source, $0.began) }
    }
}
