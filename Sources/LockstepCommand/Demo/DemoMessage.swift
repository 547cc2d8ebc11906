/// What a member tells the demonstration's parent, one line each, among the lines of its log.
enum DemoMessage: Equatable {
    case progress(DemoProgress)
    case result(DemoResult)

    /// No line of a log begins like this.
    static let mark = "#lockstep-demo"

    /// Reads a line, if it is a message.
    init?(_ line: String) {
        let words = line.split(separator: " ")
        guard words.count > 1, words[0] == Self.mark else { return nil }
        var fields = MessageFields(words.dropFirst(2))
        switch words[1] {
        case "progress": self = .progress(DemoProgress(&fields))
        case "result": self = .result(DemoResult(&fields))
        default: return nil
        }
        if fields.isIncomplete { return nil }
    }

    /// The line that says this.
    var line: String {
        let (kind, fields) =
            switch self {
            case .progress(let progress): ("progress", progress.fields)
            case .result(let result): ("result", result.fields)
            }
        return "\(Self.mark) \(kind) " + fields.map { "\($0)=\($1)" }.joined(separator: " ")
    }
}

/// How far a member has come.
struct DemoProgress: Equatable {
    var nanoseconds: UInt64 = 0
    var calls: UInt64 = 0
    var updates: UInt64 = 0
    var view: UInt64 = 0
    var members: UInt64 = 0
}

/// What a member has at the end.
struct DemoResult: Equatable {
    var view: UInt64 = 0
    var rank: UInt64 = 0
    var members: UInt64 = 0
    var updates: UInt64 = 0
    var hash: UInt64 = 0
    var calls: UInt64 = 0
    var rate: UInt64 = 0
    var p50: UInt64 = 0
    var p99: UInt64 = 0
    var max: UInt64 = 0
    var refused: UInt64 = 0
    var failures: UInt64 = 0
}

// MARK: - Fields

extension DemoProgress {
    fileprivate init(_ fields: inout MessageFields) {
        nanoseconds = fields.take("ns")
        calls = fields.take("calls")
        updates = fields.take("updates")
        view = fields.take("view")
        members = fields.take("members")
    }

    fileprivate var fields: KeyValuePairs<String, String> {
        [
            "ns": "\(nanoseconds)", "calls": "\(calls)", "updates": "\(updates)", "view": "\(view)",
            "members": "\(members)",
        ]
    }
}

extension DemoResult {
    fileprivate init(_ fields: inout MessageFields) {
        (view, rank, members) = (fields.take("view"), fields.take("rank"), fields.take("members"))
        (updates, hash, calls) = (fields.take("updates"), fields.take("hash"), fields.take("calls"))
        (rate, p50, p99) = (fields.take("rate"), fields.take("p50"), fields.take("p99"))
        (max, refused, failures) = (fields.take("max"), fields.take("refused"), fields.take("failures"))
    }

    fileprivate var fields: KeyValuePairs<String, String> {
        [
            "view": "\(view)", "rank": "\(rank)", "members": "\(members)", "updates": "\(updates)",
            "hash": "0x\(hash.hexadecimal)", "calls": "\(calls)", "rate": "\(rate)", "p50": "\(p50)",
            "p99": "\(p99)", "max": "\(max)", "refused": "\(refused)", "failures": "\(failures)",
        ]
    }
}
