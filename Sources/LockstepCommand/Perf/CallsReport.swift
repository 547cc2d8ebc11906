/// What a measurement of calls has found: that of messages, of which the calls have the place, and the raw messages
/// that of the bare ring.
struct CallsReport {
    let setup: CallsSetup
    private let figures: MulticastReport
    private let limits: LimitFigures

    /// Takes the messages of each member, and throws if not every one has executed what was called.
    init(_ setup: CallsSetup, _ members: [[PerfMessage]], names: [String]? = nil) throws {
        self.setup = setup
        figures = try MulticastReport(
            setup.raw, members, names: names,
            subjects: RoundCheck.Subjects(messages: "executed", ring: "Of raw messages", item: "calls")
        )
        limits = figures.limits
    }

    // MARK: - Figures

    /// Calls that every member executed.
    var calls: UInt64 { figures.messages }

    var callsPerSecond: Double { figures.messagesPerSecond }

    /// Of all members together, for one call.
    var cpuNanosecondsPerCall: Double { figures.cpuNanosecondsPerMessage }

    /// Of an awaited call, when nobody else calls.
    var latency: Percentiles { limits.latency }

    var rawMessagesPerSecond: Double { figures.rawMessagesPerSecond }

    /// Of an awaited raw message, when nobody else sends.
    var rawAwaited: Percentiles { limits.wake }

    /// How often the view changed meanwhile, which it does not do as long as nobody suspects anybody.
    var viewChanges: UInt64 { limits.viewChanges }

    var rawRatio: Double { callsPerSecond / max(1, rawMessagesPerSecond) }

    var rawAwaitedRatio: Double { Double(latency.p50) / Double(max(1, rawAwaited.p50)) }
}

extension CallsReport {
    /// One object, with everything that was measured.
    var json: JSONText {
        .object([
            "members": .integer(UInt64(setup.members)),
            "callers": .integer(UInt64(setup.callers)),
            "mode": .text(setup.mode.rawValue),
            "caller": .text(setup.caller.rawValue),
            "pollers": .integer(UInt64(setup.pollers)),
            "fabric": .text(setup.fabric.rawValue),
            "seconds": .number(setup.seconds, digits: 3),
            "messages": .integer(calls),
            "messagesPerSecond": .number(callsPerSecond, digits: 1),
            "cpuNanosecondsPerMessage": .number(cpuNanosecondsPerCall, digits: 2),
            "latencyNanoseconds": MulticastReport.json(latency),
            "latencyMessages": .integer(latency.count),
            "rawSize": .integer(UInt64(setup.raw.size)),
            "rawMessagesPerSecond": .number(rawMessagesPerSecond, digits: 1),
            "rawRatio": .number(rawRatio, digits: 4),
            "rawAwaitedNanoseconds": .integer(rawAwaited.p50),
            "rawAwaitedRatio": .number(rawAwaitedRatio, digits: 4),
            "roundMessagesPerSecond": .list(figures.roundRates.map { .number($0, digits: 1) }),
            "roundRawMessagesPerSecond": .list(figures.roundRingRates.map { .number($0, digits: 1) }),
            "viewChanges": .integer(viewChanges),
            "rdma": figures.writeJSON,
            "debugBuild": .flag(MulticastReport.isDebugBuild),
        ])
    }

    /// A table for people.
    var text: String {
        let rate = "\(callsPerSecond.withThreeDigits) calls/s"
        let processor = "\(cpuNanosecondsPerCall.withThreeDigits) ns of processor time each"
        let part = "of which the calls reach \((rawRatio * 100).withThreeDigits) %"
        return MulticastReport.table(
            heading,
            [
                ("calls", "\(rate)   \(processor)"),
                ("raw messages", "\(rawMessagesPerSecond.withThreeDigits) messages/s   \(part)"),
                ("latency", MulticastReport.row(latency)),
                ("raw latency", "p50 \(rawAwaited.p50.asNanoseconds)   p99 \(rawAwaited.p99.asNanoseconds)"),
                ("view changes", viewChanges.grouped),
            ] + figures.writeRows
        )
    }

    private var heading: String {
        let members = setup.members == 1 ? "One member" : "\(setup.members.spelled.capitalizedFirst) members"
        let callers =
            setup.callers == setup.members
            ? "all call" : "\(setup.callers.spelled) of them \(setup.callers == 1 ? "calls" : "call")"
        let who = setup.members == 1 ? members : "\(members), \(callers)"
        let way = setup.mode == .awaited ? "each awaited" : "\(setup.callsAtOnce) at once"
        return "\(who): calls of three integers \(setup.caller.note), \(way)\(setup.fabric.note)."
    }
}
