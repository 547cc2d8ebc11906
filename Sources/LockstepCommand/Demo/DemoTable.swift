/// The results of the members, side by side.
enum DemoTable {
    private static let heading = [
        "member", "rank", "view", "updates", "state hash", "calls", "rate", "p50", "p99", "max",
    ]

    /// The table, a line for each member.
    static func text(_ results: [(name: String, result: DemoResult)]) -> String {
        let rows = [heading] + results.map { row($0.name, $0.result) }
        let widths = heading.indices.map { column in rows.map { $0[column].count }.max()! }
        return rows.map { line($0, widths) + "\n" }.joined()
    }

    private static func row(_ name: String, _ result: DemoResult) -> [String] {
        [
            name, "\(result.rank)", "\(result.view)", result.updates.grouped, result.hash.hexadecimal,
            result.calls.grouped, "\(result.rate.grouped)/s", result.p50.asNanoseconds,
            result.p99.asNanoseconds, result.max.asNanoseconds,
        ]
    }

    /// Names stand at the left of their column, numbers at the right.
    private static func line(_ cells: [String], _ widths: [Int]) -> String {
        let name = cells[0].rightPadded(to: widths[0])
        let numbers = zip(cells, widths).dropFirst().map { $0.leftPadded(to: $1) }
        return ([name] + numbers).joined(separator: "  ")
    }
}
