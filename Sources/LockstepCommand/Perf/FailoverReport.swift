/// What a measurement of failovers has found.
struct FailoverReport {
    let kind: FailoverKind
    let members: Int
    let stateBytes: Int
    /// Of each trial, in nanoseconds.
    let pauses: [UInt64]
    /// Of the tenth of a second before each trial, in which nothing happened, in nanoseconds.
    let quiet: [UInt64]
    let verdict: FleetVerdict

    /// One object, with everything that was measured.
    var json: JSONText {
        .object([
            "kind": .text(kind.rawValue),
            "members": .integer(UInt64(members)),
            "stateBytes": .integer(UInt64(stateBytes)),
            "trials": .integer(UInt64(pauses.count)),
            "pauseMilliseconds": Self.milliseconds(pauses),
            "quietMilliseconds": Self.milliseconds(quiet),
            "acknowledged": .integer(verdict.acknowledged),
            "lost": .integer(verdict.lost),
            "duplicated": .integer(verdict.duplicated),
            "equal": .flag(verdict.isEqual),
            "trialMilliseconds": Self.list(pauses),
            "quietTrialMilliseconds": Self.list(quiet),
            "debugBuild": .flag(MulticastReport.isDebugBuild),
        ])
    }

    /// A table for people.
    var text: String {
        MulticastReport.table(
            heading,
            [
                ("pause", Self.times(pauses)),
                ("without", "\(Self.times(quiet)), in a tenth of a second before each"),
                ("updates", verdict.sentence),
            ]
        )
    }

    private var heading: String {
        let times = pauses.count == 1 ? "once" : "\(pauses.count.spelled) times"
        let state = stateBytes == 0 ? "" : ", with \(stateBytes.grouped) bytes of state"
        return "\(members.spelled.capitalizedFirst) members\(state): \(kind.sentence) \(times)."
    }

    private static func milliseconds(_ pauses: [UInt64]) -> JSONText {
        func number(_ part: Int) -> JSONText { milliseconds(percentile(part, of: pauses)) }
        return .object(["p50": number(50), "p99": number(99), "max": number(100)])
    }

    private static func list(_ pauses: [UInt64]) -> JSONText { .list(pauses.map { milliseconds($0) }) }

    private static func milliseconds(_ pause: UInt64) -> JSONText { .number(Double(pause) / 1e6, digits: 3) }

    private static func times(_ pauses: [UInt64]) -> String {
        func time(_ part: Int) -> String { percentile(part, of: pauses).asNanoseconds }
        return "p50 \(time(50))   p99 \(time(99))   max \(time(100))"
    }

    /// What so many of a hundred did not exceed.
    private static func percentile(_ part: Int, of pauses: [UInt64]) -> UInt64 {
        pauses.sorted()[max(0, (pauses.count * part + 99) / 100 - 1)]
    }
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
