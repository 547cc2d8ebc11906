/// What a member of a fleet tells its parent, one line each.
enum FleetMessage: Equatable {
    /// Its callers begin, and it writes down how far they get.
    case begins(descriptor: UInt64)
    case view(FleetView)
    /// The last update that its replica ran of a caller.
    case caller(UInt64, sequence: UInt64)
    /// Nothing more comes.
    case end(FleetEnd)

    /// No line of a log begins like this.
    static let mark = "#lockstep-fleet"

    /// Reads a line, if it is a message.
    init?(_ line: String) {
        let words = line.split(separator: " ")
        guard words.count > 1, words[0] == Self.mark else { return nil }
        var fields = MessageFields(words.dropFirst(2))
        switch words[1] {
        case "begins": self = .begins(descriptor: fields.take("descriptor"))
        case "view": self = .view(FleetView(&fields))
        case "caller": self = .caller(fields.take("caller"), sequence: fields.take("sequence"))
        case "end": self = .end(FleetEnd(&fields))
        default: return nil
        }
        if fields.isIncomplete { return nil }
    }

    /// The line that says this.
    var line: String {
        let (kind, fields): (String, KeyValuePairs<String, UInt64>) =
            switch self {
            case .begins(let descriptor): ("begins", ["descriptor": descriptor])
            case .view(let view): ("view", view.fields)
            case .caller(let caller, let sequence): ("caller", ["caller": caller, "sequence": sequence])
            case .end(let end): ("end", end.fields)
            }
        return "\(Self.mark) \(kind) " + fields.map { "\($0)=\($1)" }.joined(separator: " ")
    }
}

/// A view, as a member is in it.
struct FleetView: Equatable {
    var number: UInt64 = 0
    var rank: UInt64 = 0
    var members: UInt64 = 0
}

/// What a member's replica has at the end.
struct FleetEnd: Equatable {
    var hash: UInt64 = 0
    var repeated: UInt64 = 0
    var skipped: UInt64 = 0
}

extension FleetView {
    fileprivate init(_ fields: inout MessageFields) {
        (number, rank, members) = (fields.take("number"), fields.take("rank"), fields.take("members"))
    }

    fileprivate var fields: KeyValuePairs<String, UInt64> {
        ["number": number, "rank": rank, "members": members]
    }
}

extension FleetEnd {
    fileprivate init(_ fields: inout MessageFields) {
        (hash, repeated, skipped) = (fields.take("hash"), fields.take("repeated"), fields.take("skipped"))
    }

    fileprivate var fields: KeyValuePairs<String, UInt64> {
        ["hash": hash, "repeated": repeated, "skipped": skipped]
    }
}
