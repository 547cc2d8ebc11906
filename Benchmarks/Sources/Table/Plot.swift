import Foundation

/// A file with a picture.
struct Plot {
    let file: String
    let title: String
    let svg: String
}

/// One line of a chart.
struct Series {
    /// The colour, which belongs to what is measured. Dashes tell its two kinds apart.
    enum Style: String {
        case first, second, third, limit
    }

    let name: String
    let style: Style
    var isDashed = false
    let points: [(x: Double, y: Double)]
}

/// An axis, from what is measured to a place between 0 and 1.
struct Axis {
    let label: String
    let ticks: [(value: Double, text: String)]
    let isLogarithmic: Bool
    let range: ClosedRange<Double>

    /// Decades around all values.
    static func decades(_ label: String, around values: [Double], _ text: (Double) -> String) -> Axis {
        let positive = values.filter { $0 > 0 }
        let low = log10(positive.min() ?? 1).rounded(.down)
        let high = max(log10(positive.max() ?? 10).rounded(.up), low + 1)
        let ticks = stride(from: low, through: high, by: 1).map { pow(10, $0) }
        return Axis(
            label: label, ticks: ticks.map { ($0, text($0)) }, isLogarithmic: true, range: ticks[0]...ticks.last!
        )
    }

    /// Where a value lies; what cannot be drawn lies nowhere.
    func place(_ value: Double) -> Double? {
        guard isLogarithmic else { return (value - range.lowerBound) / (range.upperBound - range.lowerBound) }
        guard value > 0 else { return nil }
        return log(value / range.lowerBound) / log(range.upperBound / range.lowerBound)
    }
}
