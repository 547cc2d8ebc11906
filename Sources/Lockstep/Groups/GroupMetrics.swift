import Metrics

/// What a group counts for the metrics system of its process, once for each batch that is delivered.
struct GroupMetrics {
    private let updates: Counter
    private let queries: Counter
    private let slow: Counter
    private let divergences: Counter

    init(_ group: GroupID) {
        let dimensions = [("group", group.name)]
        updates = Counter(label: "lockstep_updates", dimensions: dimensions)
        queries = Counter(label: "lockstep_queries", dimensions: dimensions)
        slow = Counter(label: "lockstep_slow_updates", dimensions: dimensions)
        divergences = Counter(label: "lockstep_divergences", dimensions: dimensions)
    }

    func noteBatch(updates updateCount: UInt64, queries queryCount: Int) {
        if updateCount > 0 { updates.increment(by: updateCount) }
        if queryCount > 0 { queries.increment(by: queryCount) }
    }

    func noteSlow() { slow.increment() }

    func noteDivergence() { divergences.increment() }
}
