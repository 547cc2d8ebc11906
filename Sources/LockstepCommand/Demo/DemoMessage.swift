/// What a member tells the demonstration's parent.
enum DemoMessage: MemberMessage {
    case progress(DemoProgress)
    case result(DemoResult)

    static let mark = "#lockstep-demo"

    init?(_ kind: Substring, _ fields: inout MessageFields) {
        switch kind {
        case "progress": self = .progress(DemoProgress(&fields))
        case "result": self = .result(DemoResult(&fields))
        default: return nil
        }
    }

    var content: (kind: String, fields: [(String, UInt64)]) {
        switch self {
        case .progress(let progress): ("progress", progress.fields)
        case .result(let result): ("result", result.fields)
        }
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

    fileprivate var fields: [(String, UInt64)] {
        [
            ("ns", nanoseconds), ("calls", calls), ("updates", updates), ("view", view),
            ("members", members),
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

    fileprivate var fields: [(String, UInt64)] {
        [
            ("view", view), ("rank", rank), ("members", members), ("updates", updates),
            ("hash", hash), ("calls", calls), ("rate", rate), ("p50", p50),
            ("p99", p99), ("max", max), ("refused", refused), ("failures", failures),
        ]
    }
}
