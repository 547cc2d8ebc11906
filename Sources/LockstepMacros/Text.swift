extension String {
    /// The text with every line that is not empty moved to the right.
    var indented: String {
        split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.isEmpty ? "" : "    \($0)" }
            .joined(separator: "\n")
    }

    /// The text as a Swift string literal.
    var quoted: String {
        let escaped = flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
        return "\"\(String(escaped))\""
    }

    /// An identifier without the backticks that let it be spelled.
    var withoutBackticks: String {
        count > 2 && hasPrefix("`") && hasSuffix("`") ? String(dropFirst().dropLast()) : self
    }

    /// The text behind a space, or nothing.
    var afterSpace: String { isEmpty ? "" : " \(self)" }

    /// The name itself, or a variation of it that is not taken.
    func avoiding(_ taken: [String]) -> String {
        var name = self
        while taken.contains(name) { name += "_" }
        return name
    }
}

extension [String] {
    /// The lines in braces, after a heading.
    func inBraces(after heading: String) -> String {
        isEmpty ? "\(heading) {}" : "\(heading) {\n\(joined(separator: "\n").indented)\n}"
    }
}
