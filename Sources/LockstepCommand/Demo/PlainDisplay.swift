/// Shows a demonstration as plain lines, about one a second.
final class PlainDisplay: DemoDisplay {
    private var next = ContinuousClock.now + .seconds(1)

    func show(_ members: [DemoWatch]) {
        guard .now >= next, members.contains(where: { !$0.rates.isEmpty && !$0.isOver }) else { return }
        // Ahead of now, so that a late line is not followed by a hasty one.
        next = .now + .seconds(1)
        Terminal.writeLine(Self.line(members))
    }

    func note(_ sentence: String) { Terminal.writeLine(sentence) }

    func finish(_ members: [DemoWatch]) {}

    /// How far all are: `2.0 s  alpha 12,345/s  bravo 12,001/s  updates 48,123`.
    static func line(_ members: [DemoWatch]) -> String {
        let seconds = Double(members.compactMap(\.progress?.nanoseconds).max() ?? 0) / 1e9
        let rates = members.map { "\($0.name) \($0.pace)" }
        let updates = members.compactMap(\.progress?.updates).max() ?? 0
        return (["\(seconds.fixed(1)) s"] + rates + ["updates \(updates.grouped)"]).joined(separator: "  ")
    }
}

extension DemoWatch {
    fileprivate var pace: String {
        if earlyEnd != nil { return "ended" }
        return result != nil ? "done" : "\(UInt64(rate).grouped)/s"
    }
}
