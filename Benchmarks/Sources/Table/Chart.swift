import Foundation

/// A line chart as SVG, readable on a light and on a dark page. The legend has a column of its own at the right, where
/// no line comes.
struct Chart {
    let title: String
    let subtitle: String
    let x: Axis
    let y: Axis
    let series: [Series]

    private let width = 860.0
    private let height = 440.0
    private let left = 92.0
    private let right = 600.0
    private let top = 76.0
    private let bottom = 376.0

    var svg: String {
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(number(width)) \(number(height))" role="img">
        <title>\(escaped(title))</title>
        \(Chart.style)
        <rect class="page" width="100%" height="100%"/>
        <text class="title" x="24" y="32">\(escaped(title))</text>
        <text class="quiet" x="24" y="54">\(escaped(subtitle))</text>
        \(grid)
        \(series.map(line).joined(separator: "\n"))
        \(legend)
        </svg>

        """
    }

    // MARK: - Parts

    private var grid: String {
        let columns = x.ticks.map { tick in
            let at = across(tick.value) ?? left
            return stroke("grid", from: (at, top), to: (at, bottom)) + "\n"
                + text(tick.text, "class=\"quiet\" text-anchor=\"middle\"", at: (at, bottom + 20))
        }
        let rows = y.ticks.map { tick in
            let at = up(tick.value) ?? bottom
            return stroke("grid", from: (left, at), to: (right, at)) + "\n"
                + text(tick.text, "class=\"quiet\" text-anchor=\"end\"", at: (left - 8, at + 4))
        }
        let middle = "translate(20 \(number((top + bottom) / 2))) rotate(-90)"
        let labels = [
            text(x.label, "text-anchor=\"middle\"", at: ((left + right) / 2, bottom + 46)),
            text(y.label, "text-anchor=\"middle\" transform=\"\(middle)\"", at: (0, 0)),
        ]
        return (columns + rows + labels).joined(separator: "\n")
    }

    private func line(_ series: Series) -> String {
        let points = series.points.compactMap { point -> (x: String, y: String)? in
            guard let x = across(point.x), let y = up(point.y) else { return nil }
            return (number(x), number(y))
        }
        let path = points.map { "\($0.x),\($0.y)" }.joined(separator: " ")
        let dots = points.map { "<circle class=\"dot \(series.style)\" cx=\"\($0.x)\" cy=\"\($0.y)\" r=\"3.5\"/>" }
        return (["<polyline class=\"\(classes(series))\" points=\"\(path)\"/>"] + dots).joined(separator: "\n")
    }

    private var legend: String {
        series.enumerated().map { place, one in
            let at = top + 12 + 26 * Double(place)
            return stroke(classes(one), from: (right + 24, at), to: (right + 56, at)) + "\n"
                + text(one.name, "", at: (right + 66, at + 4))
        }.joined(separator: "\n")
    }

    private func stroke(
        _ classes: String, from start: (x: Double, y: Double), to end: (x: Double, y: Double)
    ) -> String {
        let from = "x1=\"\(number(start.x))\" y1=\"\(number(start.y))\""
        let to = "x2=\"\(number(end.x))\" y2=\"\(number(end.y))\""
        return "<line class=\"\(classes)\" \(from) \(to)/>"
    }

    private func text(_ text: String, _ attributes: String, at place: (x: Double, y: Double)) -> String {
        "<text \(attributes) x=\"\(number(place.x))\" y=\"\(number(place.y))\">\(escaped(text))</text>"
    }

    private func classes(_ series: Series) -> String {
        "line \(series.style)" + (series.isDashed ? " dashed" : "")
    }

    // MARK: - Places and text

    private func across(_ value: Double) -> Double? { x.place(value).map { left + $0 * (right - left) } }

    private func up(_ value: Double) -> Double? { y.place(value).map { bottom - $0 * (bottom - top) } }

    private func number(_ value: Double) -> String { String(format: "%.1f", value) }

    private func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
    }

    private static let style = """
        <style>
        text { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #24292f; }
        .title { font-size: 17px; font-weight: 600; }
        .quiet { font-size: 12px; fill: #57606a; }
        .page { fill: #ffffff; }
        .grid { stroke: #d8dee4; stroke-width: 1; }
        .line { fill: none; stroke-width: 2.2; stroke-linejoin: round; }
        .dashed { stroke-dasharray: 6 4; }
        .dot { stroke: none; }
        .first { stroke: #0a62c9; } .second { stroke: #c2410c; } .third { stroke: #0b7a5b; } .limit { stroke: #6e7781; }
        .dot.first { fill: #0a62c9; } .dot.second { fill: #c2410c; }
        .dot.third { fill: #0b7a5b; } .dot.limit { fill: #6e7781; }
        @media (prefers-color-scheme: dark) {
        text { fill: #e6edf3; }
        .quiet { fill: #9da7b1; }
        .page { fill: #0d1117; }
        .grid { stroke: #2b323b; }
        .first { stroke: #6cb0ff; } .second { stroke: #ff9a5c; } .third { stroke: #4fd1a5; } .limit { stroke: #9da7b1; }
        .dot.first { fill: #6cb0ff; } .dot.second { fill: #ff9a5c; }
        .dot.third { fill: #4fd1a5; } .dot.limit { fill: #9da7b1; }
        }
        </style>
        """
}
