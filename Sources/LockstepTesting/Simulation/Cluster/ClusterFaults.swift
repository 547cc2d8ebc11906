/// What may go wrong in a simulated cluster, and what may change in it.
package struct ClusterFaults: OptionSet, Hashable, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    /// Nodes crash, some of them in the middle of what they publish.
    package static let crash = ClusterFaults(rawValue: 1 << 0)
    /// Crashed nodes come back as new incarnations.
    package static let restart = ClusterFaults(rawValue: 1 << 1)
    /// Nodes are stopped for a while.
    package static let pause = ClusterFaults(rawValue: 1 << 2)
    /// Nodes are cut off from others in both directions.
    package static let partition = ClusterFaults(rawValue: 1 << 3)
    /// Links are cut in one direction.
    package static let oneWay = ClusterFaults(rawValue: 1 << 4)
    /// Links are slow at times.
    package static let delay = ClusterFaults(rawValue: 1 << 5)
    /// Some nodes are always slow.
    package static let slow = ClusterFaults(rawValue: 1 << 6)
    /// Pushes arrive in pieces.
    package static let tear = ClusterFaults(rawValue: 1 << 7)
    /// New nodes come.
    package static let join = ClusterFaults(rawValue: 1 << 8)
    /// Members ask to leave.
    package static let leave = ClusterFaults(rawValue: 1 << 9)
    /// Channels break, and are there again at once.
    package static let reset = ClusterFaults(rawValue: 1 << 10)

    /// Nodes get no processor for a while, and those who reach them know it.
    package static let starve = ClusterFaults(rawValue: 1 << 11)

    /// Each by the name that the command line uses.
    package static let named: [(name: String, fault: ClusterFaults)] = [
        ("crash", .crash), ("restart", .restart), ("pause", .pause), ("partition", .partition),
        ("one-way", .oneWay), ("delay", .delay), ("slow", .slow), ("tear", .tear), ("join", .join),
        ("leave", .leave), ("reset", .reset), ("starve", .starve),
    ]

    package static let all = named.reduce(into: ClusterFaults()) { $0.insert($1.fault) }
}
