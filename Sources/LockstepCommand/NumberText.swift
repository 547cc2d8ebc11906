extension BinaryInteger {
    /// The number with a comma before every three digits: `1,234,567`.
    var grouped: String {
        var digits = Substring(magnitude.description)
        var groups: [Substring] = []
        while !digits.isEmpty {
            groups.insert(digits.suffix(3), at: 0)
            digits = digits.dropLast(3)
        }
        return (self < 0 ? "-" : "") + groups.joined(separator: ",")
    }

    /// A small number as a word, as it stands inside a sentence.
    var spelled: String {
        let words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
        return self >= 0 && self < words.count ? words[Int(self)] : grouped
    }
}

extension UInt64 {
    /// All sixteen hexadecimal digits.
    var hexadecimal: String { String(self, radix: 16).leftPadded(to: 16, with: "0") }

    /// This many nanoseconds with three digits and the unit that fits: `12.3 µs`.
    var asNanoseconds: String {
        let units: [(size: Double, name: String)] = [(1e9, "s"), (1e6, "ms"), (1e3, "µs")]
        for unit in units where Double(self) >= 0.9995 * unit.size {
            return "\((Double(self) / unit.size).withThreeDigits) \(unit.name)"
        }
        return "\(self) ns"
    }
}

extension Double {
    /// A number as a person wants to read it: `1.23`, `12.3`, `123`, `1,234`.
    var withThreeDigits: String {
        if self >= 99.95 { return UInt64(rounded()).grouped }
        return self >= 9.995 ? fixed(1) : fixed(2)
    }

    /// The number with this many digits after the point.
    func fixed(_ digits: Int) -> String {
        let factor = (0..<digits).reduce(1) { value, _ in value * 10 }
        let scaled = Int((self * Double(factor)).rounded())
        if digits == 0 { return "\(scaled)" }
        return "\(scaled / factor).\(String(scaled % factor).leftPadded(to: digits, with: "0"))"
    }
}

extension StringProtocol {
    /// The text, moved to the right by padding.
    func leftPadded(to width: Int, with padding: Character = " ") -> String {
        String(repeating: padding, count: Swift.max(0, width - count)) + self
    }

    /// The text with padding behind it.
    func rightPadded(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - count))
    }

    /// The text with a capital at its beginning, for the first word of a sentence.
    var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
