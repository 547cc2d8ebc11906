extension MulticastReport {
    /// One object, with everything that was measured.
    var json: JSONText {
        .object([
            "members": .integer(UInt64(setup.members)),
            "senders": .integer(UInt64(setup.senders)),
            "size": .integer(UInt64(setup.size)),
            "groups": .integer(UInt64(setup.groups)),
            "order": .text(setup.order.rawValue),
            "ringBytes": .integer(UInt64(setup.ringBytes)),
            "pollers": .integer(UInt64(setup.pollers)),
            "seconds": .number(setup.seconds, digits: 3),
            "messages": .integer(messages),
            "messagesPerSecond": .number(messagesPerSecond, digits: 1),
            "bytesPerSecond": .number(bytesPerSecond, digits: 1),
            "cpuNanosecondsPerMessage": .number(cpuNanosecondsPerMessage, digits: 2),
            "ringLimitMessagesPerSecond": ringLimitMessagesPerSecond.map { .number($0, digits: 1) } ?? .null,
            "ringLimitRatio": ringLimitRatio.map { .number($0, digits: 4) } ?? .null,
            "fabric": .text(setup.fabric.rawValue),
            "streamLimitBytesPerSecond": streamLimitBytesPerSecond.map { .number($0, digits: 1) } ?? .null,
            "streamLimitRatio": streamLimitRatio.map { .number($0, digits: 4) } ?? .null,
            "wakeLimitNanoseconds": wakeLimit.map { .integer($0.p50) } ?? .null,
            "latencyNanoseconds": Self.json(latency),
            "latencyMessages": .integer(latency.count),
            "roundMessagesPerSecond": .list(roundRates.map { .number($0, digits: 1) }),
            "roundRingLimitMessagesPerSecond": ringLimitMessagesPerSecond != nil
                ? .list(roundRingRates.map { .number($0, digits: 1) }) : .null,
            "rdma": writeJSON,
            "debugBuild": .flag(Self.isDebugBuild),
        ])
    }

    static func json(_ times: Percentiles) -> JSONText {
        .object([
            "p50": .integer(times.p50), "p99": .integer(times.p99), "p999": .integer(times.p999),
            "max": .integer(times.max),
        ])
    }

    /// A table for people.
    var text: String {
        Self.table(heading, [rateRow, ringRow, streamRow, latencyRow, wakeRow].compactMap { $0 } + writeRows)
    }

    /// A heading and rows below it.
    static func table(_ heading: String, _ rows: [(name: String, figures: String)]) -> String {
        let width = rows.map(\.name.count).max() ?? 0
        let lines = rows.map { "\($0.name.rightPadded(to: width))   \($0.figures)\n" }
        return "\(heading)\n\n\(lines.joined())" + (isDebugBuild ? "\n\(debugNote)\n" : "")
    }

    private var heading: String {
        let members = setup.members == 1 ? "One member" : "\(setup.members.spelled.capitalizedFirst) members"
        let senders = setup.senders == setup.members ? "all send" : "\(setup.senders.spelled) of them send"
        let who = setup.members == 1 ? "One member" : "\(members), \(senders)"
        let order = setup.order == .total ? "in one order" : "in the order of each sender"
        let ring = "rings of \(setup.ringBytes.grouped) bytes" + setup.fabric.note
        return "\(who): messages of \(setup.size.grouped) bytes \(order), \(ring)."
    }

    private var rateRow: (name: String, figures: String) {
        let processor = "\(cpuNanosecondsPerMessage.withThreeDigits) ns of processor time each"
        let figures = [Self.rate(messagesPerSecond), bytesPerSecond.asBytesPerSecond, processor]
        return ("multicast", figures.joined(separator: "   "))
    }

    private var ringRow: (name: String, figures: String)? {
        guard let limit = ringLimitMessagesPerSecond, let ratio = ringLimitRatio else { return nil }
        let part = "of which the multicast reaches \((ratio * 100).withThreeDigits) %"
        return ("bare ring", "\(Self.rate(limit))   \(part)")
    }

    private var streamRow: (name: String, figures: String)? {
        guard let limit = streamLimitBytesPerSecond, let ratio = streamLimitRatio else { return nil }
        let part = "shared by \(setup.members - 1), of which the multicast reaches \((ratio * 100).withThreeDigits) %"
        return ("one stream", "\(limit.asBytesPerSecond)   \(part)")
    }

    private var latencyRow: (name: String, figures: String) {
        ("latency", Self.row(latency))
    }

    /// Times in a row of the table.
    static func row(_ times: Percentiles) -> String {
        [
            "p50 \(times.p50.asNanoseconds)", "p99 \(times.p99.asNanoseconds)",
            "p99.9 \(times.p999.asNanoseconds)", "max \(times.max.asNanoseconds)",
        ].joined(separator: "   ")
    }

    private var wakeRow: (name: String, figures: String)? {
        wakeLimit.map { ("bare wake", "p50 \($0.p50.asNanoseconds)   p99 \($0.p99.asNanoseconds)") }
    }

    private static func rate(_ value: Double) -> String { "\(value.withThreeDigits) messages/s" }

    private static let debugNote = "This is a debug build, which is much slower: build with -c release to measure."
}

extension Double {
    /// This many bytes a second with three digits and the unit that fits.
    var asBytesPerSecond: String {
        let units: [(size: Double, name: String)] = [(1e9, "GB/s"), (1e6, "MB/s"), (1e3, "kB/s")]
        for unit in units where self >= 0.9995 * unit.size {
            return "\((self / unit.size).withThreeDigits) \(unit.name)"
        }
        return "\(withThreeDigits) B/s"
    }
}
