/// A value as JSON, for output that keeps the order of its members.
enum JSONText {
    case number(Double, digits: Int)
    case integer(UInt64)
    case text(String)
    case flag(Bool)
    case list([JSONText])
    case object(KeyValuePairs<String, JSONText>)
    case null

    /// On one line.
    var line: String {
        switch self {
        case .number(let value, let digits): value.isFinite ? value.fixed(digits) : "null"
        case .integer(let value): "\(value)"
        case .text(let text): Self.quoted(text)
        case .flag(let value): "\(value)"
        case .list(let values): "[\(values.map(\.line).joined(separator: ","))]"
        case .object(let members):
            "{\(members.map { "\(Self.quoted($0)):\($1.line)" }.joined(separator: ","))}"
        case .null: "null"
        }
    }

    /// A text in quotation marks.
    static func quoted(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            case "\n": "\\n"
            default: String(scalar)
            }
        }
        return "\"\(escaped.joined())\""
    }
}
