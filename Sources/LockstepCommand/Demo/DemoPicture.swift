/// One picture of a live display, as lines for a terminal of some size.
struct DemoPicture {
    /// What the picture shows of a member.
    struct Cell {
        var name: String
        var process: Int32
        var progress = DemoProgress()
        var rates: [Double] = []
        var isDone = false
        var end: String?
    }

    var members: [Cell]
    var seconds: Int

    private static let columnMin = 20
    private static let columnMax = 30
    private static let gap = 3
    private static let styles = [Style.cyan, .magenta, .yellow, .green, .blue]

    /// Members side by side where there is room, below each other where there is not.
    func lines(in size: (columns: Int, rows: Int)) -> [String] {
        let width = min(Self.columnMax, (size.columns - 2) / max(1, members.count) - Self.gap)
        let body = width >= Self.columnMin ? columns(width) : list(size)
        return ["", clock(size.columns), ""] + body + [""]
    }

    // MARK: - The clock

    private func clock(_ columns: Int) -> String {
        let elapsed = min(Double(seconds), Double(members.map(\.progress.nanoseconds).max() ?? 0) / 1e9)
        let width = min(40, max(10, columns - 30))
        let done = Int((elapsed / Double(seconds) * Double(width)).rounded())
        let rest = String(repeating: "━", count: width - done)
        let line = String(repeating: "━", count: done) + Style.dim(rest)
        return "  \(line)  \(elapsed.fixed(1)) s of \(seconds) s"
    }

    // MARK: - Side by side

    private func columns(_ width: Int) -> [String] {
        let columns = members.indices.map { column($0, width) }
        return columns[0].indices.map { row in
            let indent = "  "
            return indent + columns.map { $0[row] }.joined(separator: String(repeating: " ", count: Self.gap))
        }
    }

    private func column(_ index: Int, _ width: Int) -> [String] {
        let member = members[index]
        let style = Self.styles[index % Self.styles.count]
        let process = "\(member.process)"
        return [
            Style.bold(style(member.name.rightPadded(to: width - process.count))) + Style.dim(process),
            style(Self.bar(rate(of: member) / rateMax, width)),
            pace(of: member, width),
            "\(member.progress.updates.grouped) updates".rightPadded(to: width),
            style(Self.sparks(member.rates, scale: rateMax, width)),
        ]
    }

    private func pace(of member: Cell, _ width: Int) -> String {
        if let end = member.end { return Style.red(String(end.prefix(width)).rightPadded(to: width)) }
        if member.isDone { return Style.green("done".rightPadded(to: width)) }
        let isWaiting = member.rates.isEmpty
        let text = isWaiting ? "joining …" : "\(UInt64(rate(of: member)).grouped) calls/s"
        return text.rightPadded(to: width)
    }

    // MARK: - Below each other

    private func list(_ size: (columns: Int, rows: Int)) -> [String] {
        // The clock, the empty lines and the cursor's own take the rest.
        let room = max(1, size.rows - 6)
        let shown = members.count <= room ? members.count : room - 1
        let lines = members.indices.prefix(shown).map { line($0, size.columns) }
        return lines + (shown < members.count ? ["  and \(members.count - shown) more"] : [])
    }

    private func line(_ index: Int, _ columns: Int) -> String {
        let member = members[index]
        let style = Self.styles[index % Self.styles.count]
        let start = "  " + style(member.name.rightPadded(to: 11)) + pace(of: member, 18)
        // A narrow terminal has no room for the rest.
        guard columns >= 60 else { return start }
        let updates = "\(member.progress.updates.grouped) updates".rightPadded(to: 20)
        return start + updates + style(Self.sparks(member.rates, scale: rateMax, min(30, columns - 52)))
    }

    // MARK: - Parts

    private func rate(of member: Cell) -> Double {
        member.isDone || member.end != nil ? 0 : member.rates.last ?? 0
    }

    /// All members have the same scale, or their bars could not be compared.
    private var rateMax: Double { max(1, members.flatMap(\.rates).max() ?? 1) }

    /// A bar to an eighth of a character.
    static func bar(_ part: Double, _ width: Int) -> String {
        let eighths = Int((min(1, max(0, part)) * Double(width) * 8).rounded())
        let full = String(repeating: "█", count: eighths / 8)
        let tips = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        return (full + tips[eighths % 8]).rightPadded(to: width)
    }

    /// The last values as a line of small columns.
    static func sparks(_ values: [Double], scale: Double, _ width: Int) -> String {
        let heights = Array("▁▂▃▄▅▆▇█")
        let line = values.suffix(width).map { value in
            heights[min(heights.count - 1, max(0, Int(value / scale * Double(heights.count))))]
        }
        return String(line).rightPadded(to: width)
    }
}
