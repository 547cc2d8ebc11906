/// One thing that the doctor has looked at.
struct Finding: Equatable {
    enum Grade: String {
        case good
        case warning
        case bad

        fileprivate var word: String {
            switch self {
            case .good: "ok"
            case .warning: "note"
            case .bad: "bad"
            }
        }

        fileprivate var style: Style {
            switch self {
            case .good: .green
            case .warning: .yellow
            case .bad: .red
            }
        }
    }

    let grade: Grade
    let fact: String
    /// What to do about it.
    let mend: String?

    static func good(_ fact: String) -> Finding { Finding(grade: .good, fact: fact, mend: nil) }
    static func warning(_ fact: String, mend: String) -> Finding { Finding(grade: .warning, fact: fact, mend: mend) }
    static func bad(_ fact: String, mend: String) -> Finding { Finding(grade: .bad, fact: fact, mend: mend) }

    /// The finding and, below it, what to do.
    var text: String {
        let word = grade.word.rightPadded(to: 4)
        let line = "\(Terminal.hasColor ? grade.style(word) : word)  \(fact)\n"
        return line + (mend.map { "      \($0)\n" } ?? "")
    }

    var json: JSONText {
        .object(["grade": .text(grade.rawValue), "fact": .text(fact), "mend": mend.map(JSONText.text) ?? .null])
    }
}
