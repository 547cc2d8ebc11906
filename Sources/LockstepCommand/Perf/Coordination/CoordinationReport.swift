/// What a measurement of coordination has found.
struct CoordinationReport {
    let primitive: Primitive
    private let caller: CallerPlace
    private let clients: Int
    private let trials: [[CoordinationFigures]]

    /// Takes the figures of all members in each trial.
    init(
        _ primitive: Primitive, from caller: CallerPlace = .poller, clients: Int = 0, _ trials: [[CoordinationFigures]]
    ) {
        (self.primitive, self.caller, self.clients, self.trials) = (primitive, caller, clients, trials)
    }

    /// Of the first member in the first trial, which measures alone.
    private var first: CoordinationFigures { trials.first?.first { $0.rank == 0 } ?? CoordinationFigures() }

    /// Turns of all members together.
    var turnsPerSecond: Double {
        let figures = trials.flatMap { $0 }
        let seconds = Double(figures.map(\.nanoseconds).max() ?? 0) / 1e9 * Double(trials.count)
        return seconds > 0 ? Double(figures.reduce(0) { $0 + $1.turns }) / seconds : 0
    }

    /// From the death of a leader to the next one's turn, in each trial.
    var failovers: [UInt64] {
        trials.compactMap { figures in
            let killed = figures.map(\.killed).max() ?? 0
            let elected = figures.map(\.elected).filter { $0 > 0 }.min()
            return elected.map { $0 - min(killed, $0) }
        }
    }

    private var peers: String { "etcd and ZooKeeper were not measured." }
}

extension CoordinationReport {
    /// One object, with everything that was measured.
    var json: JSONText {
        .object([
            "primitive": .text(primitive.rawValue), "caller": .text(caller.rawValue), "figures": figures,
            "debugBuild": .flag(MulticastReport.isDebugBuild),
        ])
    }

    private var figures: JSONText {
        switch primitive {
        case .lock:
            .object([
                "acquireNanoseconds": MulticastReport.json(first.turn),
                "acquireReleaseNanoseconds": MulticastReport.json(first.wholeTurn),
                "crowdedAcquireNanoseconds": MulticastReport.json(first.crowded),
                "clients": .integer(UInt64(clients)),
            ])
        case .handover: .object(["handoversPerSecond": .number(turnsPerSecond, digits: 1)])
        case .barrier: .object(["barrierNanoseconds": MulticastReport.json(first.turn)])
        case .election:
            .object([
                "resignNanoseconds": .number(1e9 / max(1, turnsPerSecond), digits: 0),
                "killNanoseconds": .list(failovers.map { .integer($0) }),
            ])
        }
    }

    /// A table for people.
    var text: String {
        let rows: [(String, String)] =
            switch primitive {
            case .lock:
                [
                    ("acquire", MulticastReport.row(first.turn)),
                    ("and release", MulticastReport.row(first.wholeTurn)),
                    ("among 10,000", MulticastReport.row(first.crowded)),
                ]
            case .handover:
                [("handovers", "\(turnsPerSecond.withThreeDigits) a second")]
            case .barrier:
                [("barrier", MulticastReport.row(first.turn))]
            case .election:
                [
                    ("resigned", "\(UInt64(1e9 / max(1, turnsPerSecond)).asNanoseconds) to the next"),
                    ("killed", failovers.map(\.asNanoseconds).joined(separator: ", ") + " to the next"),
                ]
            }
        return MulticastReport.table(heading, rows) + "\n\(peers)\n"
    }

    private var heading: String {
        switch primitive {
        case .lock:
            """
            One of the members takes locks that nobody else wants, \(caller.note); then \(clients.grouped) clients hold \
            10,000 others.
            """
        case .handover: "All members want one lock, \(caller.note)."
        case .barrier: "All members meet, \(caller.note)."
        case .election: "All members want one office, \(caller.note), and then its holder kills itself."
        }
    }
}
