/// What a measurement of failovers has found.
struct FailoverReport {
    let kind: FailoverKind
    let members: Int
    let stateBytes: Int
    /// Of each trial, in nanoseconds.
    let pauses: [UInt64]
    let verdict: FleetVerdict

    /// A pause that so many of a hundred trials did not exceed, in milliseconds.
    func percentile(_ part: Int) -> Double {
        let sorted = pauses.sorted()
        let place = (sorted.count * part + 99) / 100
        return Double(sorted[max(0, place - 1)]) / 1e6
    }

    /// One object, with everything that was measured.
    var json: JSONText {
        .object([
            "kind": .text(kind.rawValue),
            "members": .integer(UInt64(members)),
            "stateBytes": .integer(UInt64(stateBytes)),
            "trials": .integer(UInt64(pauses.count)),
            "pauseMilliseconds": .object([
                "p50": .number(percentile(50), digits: 3), "p99": .number(percentile(99), digits: 3),
                "max": .number(percentile(100), digits: 3),
            ]),
            "acknowledged": .integer(verdict.acknowledged),
            "lost": .integer(verdict.lost),
            "duplicated": .integer(verdict.duplicated),
            "equal": .flag(verdict.isEqual),
            "trialMilliseconds": .list(pauses.map { .number(Double($0) / 1e6, digits: 3) }),
            "debugBuild": .flag(MulticastReport.isDebugBuild),
        ])
    }

    /// A table for people.
    var text: String {
        MulticastReport.table(
            heading,
            [
                ("pause", "p50 \(time(50))   p99 \(time(99))   max \(time(100))"),
                ("updates", verdict.sentence),
            ]
        )
    }

    private var heading: String {
        let times = pauses.count == 1 ? "once" : "\(pauses.count.spelled) times"
        let state = stateBytes == 0 ? "" : ", with \(stateBytes.grouped) bytes of state"
        return "\(members.spelled.capitalizedFirst) members\(state): \(kind.sentence) \(times)."
    }

    private func time(_ part: Int) -> String { UInt64(percentile(part) * 1e6).asNanoseconds }
}

extension FailoverKind {
    fileprivate var sentence: String {
        switch self {
        case .kill: "one was killed"
        case .leader: "the leader was killed"
        case .stop: "one was stopped"
        case .leave: "one left"
        case .join: "one more joined"
        case .freeze: "all were stopped for a second"
        }
    }
}
