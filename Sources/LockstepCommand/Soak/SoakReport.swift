/// What a soak has found.
struct SoakReport {
    let members: Int
    /// Of the first cluster.
    let seed: UInt64
    var seconds = 0.0
    private(set) var clusters: UInt64 = 0
    private(set) var counts = SoakCounts()
    private(set) var acknowledged: UInt64 = 0
    private(set) var lost: UInt64 = 0
    private(set) var duplicated: UInt64 = 0
    /// Calls of locks, barriers, queues and what else members share.
    private(set) var checked: UInt64 = 0
    /// What was wrong in the last cluster, if anything was.
    private(set) var violation: String?
    private var story: [String] = []

    init(members: Int, seed: UInt64) { (self.members, self.seed) = (members, seed) }

    /// Adds a cluster that came to its end.
    mutating func add(_ counts: SoakCounts, story: [String], _ verdict: FleetVerdict) {
        add(counts, story: story, violation: verdict.isGood ? nil : verdict.sentence)
        acknowledged += verdict.acknowledged
        lost += verdict.lost
        duplicated += verdict.duplicated
        checked += verdict.checked
    }

    /// Adds a cluster, in which something was wrong if there is a violation.
    mutating func add(_ counts: SoakCounts, story: [String], violation: String?) {
        clusters += 1
        self.counts = self.counts + counts
        (self.violation, self.story) = (violation, story)
    }

    // MARK: - What is printed

    var json: JSONText {
        .object([
            "seconds": .number(seconds, digits: 1),
            "members": .integer(UInt64(members)),
            "seed": .integer(seed),
            "clusters": .integer(clusters),
            "kills": .integer(counts.kills),
            "stops": .integer(counts.stops),
            "leaves": .integer(counts.leaves),
            "joins": .integer(counts.joins),
            "falseSuspicions": .integer(counts.falseSuspicions),
            "acknowledged": .integer(acknowledged),
            "lost": .integer(lost),
            "duplicated": .integer(duplicated),
            "checked": .integer(checked),
            "violation": violation.map { .text($0) } ?? .null,
            "failedSeed": violation.map { _ in .integer(failedSeed) } ?? .null,
        ])
    }

    var text: String {
        let clusters = clusters == 1 ? "one cluster" : "\(clusters.spelled) clusters"
        let summary = "\(clusters.capitalizedFirst) in \(seconds.fixed(0)) s, with \(counts.text).\n" + suspicions
        guard let violation else {
            return """
                \(summary)\
                \(acknowledged.grouped) updates were acknowledged, and each was on every replica of its cluster exactly once.
                \(histories)
                """
        }
        return """
            \(summary)\
            The cluster with the seed \(failedSeed) went wrong. \(violation)
            What happened last in it:
            \(story.joined(separator: "\n"))
            To see it again, perhaps: lockstep soak --members \(members) --seed \(failedSeed)

            """
    }

    private var histories: String {
        guard checked > 0 else { return "" }
        return "\(checked.grouped) calls of locks, barriers, queues and the like saw what those promise.\n"
    }

    private var suspicions: String {
        guard counts.falseSuspicions > 0 else { return "" }
        let times = counts.falseSuspicions == 1 ? "Once" : "\(counts.falseSuspicions.spelled.capitalizedFirst) times"
        return """
            \(times) a member was left out to which nothing was done: \
            this host is too busy for the time in which a member has to answer.

            """
    }

    private var failedSeed: UInt64 { seed &+ clusters &- 1 }
}
