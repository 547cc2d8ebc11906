/// What a member of a fleet tells its parent.
enum FleetMessage: MemberMessage {
    /// Its callers begin, and it writes down how far they get.
    case begins(descriptor: UInt64)
    case view(FleetView)
    /// The last update that its replica ran of a caller.
    case caller(UInt64, sequence: UInt64)
    /// A client of what all share begins a call, by the monotonic clock.
    case call(UInt64, FleetCall, time: UInt64)
    /// It has an answer.
    case answer(UInt64, FleetAnswer, time: UInt64)
    /// Nothing more comes.
    case end(FleetEnd)

    static let mark = "#lockstep-fleet"

    init?(_ kind: Substring, _ fields: inout MessageFields) {
        switch kind {
        case "begins": self = .begins(descriptor: fields.take("descriptor"))
        case "view": self = .view(FleetView(&fields))
        case "caller": self = .caller(fields.take("caller"), sequence: fields.take("sequence"))
        case "call":
            let number = fields.take("number")
            guard let call = FleetCall(&fields) else { return nil }
            self = .call(number, call, time: fields.take("time"))
        case "answer":
            self = .answer(fields.take("number"), FleetAnswer(&fields), time: fields.take("time"))
        case "end": self = .end(FleetEnd(&fields))
        default: return nil
        }
    }

    var content: (kind: String, fields: [(String, UInt64)]) {
        switch self {
        case .begins(let descriptor): ("begins", [("descriptor", descriptor)])
        case .view(let view): ("view", view.fields)
        case .caller(let caller, let sequence): ("caller", [("caller", caller), ("sequence", sequence)])
        case .call(let number, let call, let time):
            ("call", [("number", number)] + call.fields + [("time", time)])
        case .answer(let number, let answer, let time):
            ("answer", [("number", number)] + answer.fields + [("time", time)])
        case .end(let end): ("end", end.fields)
        }
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

    fileprivate var fields: [(String, UInt64)] {
        [("number", number), ("rank", rank), ("members", members)]
    }
}

extension FleetEnd {
    fileprivate init(_ fields: inout MessageFields) {
        (hash, repeated, skipped) = (fields.take("hash"), fields.take("repeated"), fields.take("skipped"))
    }

    fileprivate var fields: [(String, UInt64)] {
        [("hash", hash), ("repeated", repeated), ("skipped", skipped)]
    }
}

extension FleetCall {
    /// Nil if there is no such part or action.
    fileprivate init?(_ fields: inout MessageFields) {
        guard let part = Part(rawValue: fields.take("part")), let action = Action(rawValue: fields.take("action"))
        else {
            return nil
        }
        self.init(
            part: part, action: action, name: fields.take("name"), argument: fields.take("argument"),
            value: fields.take("value"), version: fields.take("version"))
    }

    fileprivate var fields: [(String, UInt64)] {
        [
            ("part", part.rawValue), ("action", action.rawValue), ("name", name), ("argument", argument),
            ("value", value),
            ("version", version),
        ]
    }
}

extension FleetAnswer {
    fileprivate init(_ fields: inout MessageFields) {
        self.init(output: fields.take("output"), version: fields.take("version"))
    }

    fileprivate var fields: [(String, UInt64)] { [("output", output), ("version", version)] }
}
