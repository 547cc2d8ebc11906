import Foundation

extension Double {
    /// Three digits that count, and commas: `0.00123`, `12.3`, `1,234,567`.
    var threeDigits: String {
        if magnitude >= 99.95 { return Int(rounded()).grouped }
        if self == 0 { return "0" }
        let digits = Swift.max(0, 2 - Int(log10(magnitude).rounded(.down)))
        return String(format: "%.\(digits)f", self)
    }

    /// This many nanoseconds, with the unit that fits: `12.3 µs`.
    var asNanoseconds: String {
        let units: [(size: Double, name: String)] = [(1e9, "s"), (1e6, "ms"), (1e3, "µs")]
        for unit in units where self >= 0.9995 * unit.size { return "\((self / unit.size).threeDigits) \(unit.name)" }
        return "\(threeDigits) ns"
    }

    /// Without a fraction if there is none: `3`, `0.5`.
    var short: String { self == rounded() ? "\(Int(self))" : "\(self)" }
}

extension Int {
    /// The number with a comma before every three digits.
    var grouped: String {
        var digits = Substring("\(magnitude)")
        var groups: [Substring] = []
        while !digits.isEmpty {
            groups.insert(digits.suffix(3), at: 0)
            digits = digits.dropLast(3)
        }
        return (self < 0 ? "-" : "") + groups.joined(separator: ",")
    }

    /// This many bytes as a person says it: `100 B`, `64 KiB`.
    var asBytes: String {
        if self >= 1 << 20, self % (1 << 20) == 0 { return "\(self >> 20) MiB" }
        return self >= 1 << 10 && self % (1 << 10) == 0 ? "\(self >> 10) KiB" : "\(self) B"
    }
}
