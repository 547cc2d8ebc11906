/// What one member has measured of what members share by name.
struct CoordinationFigures: Equatable {
    var rank: UInt64 = 0
    /// The times until a turn came; of a barrier, until it let go.
    var turn = Percentiles()
    /// The times until a turn was given back as well.
    var wholeTurn = Percentiles()
    /// As `turn`, while others hold many locks.
    var crowded = Percentiles()
    /// How many turns there were, one after the other, and in how much time.
    var turns: UInt64 = 0
    var nanoseconds: UInt64 = 0
    /// When the leader killed itself, or the next one was elected, by the monotonic clock of the host; 0 if neither.
    var killed: UInt64 = 0
    var elected: UInt64 = 0
}

extension CoordinationFigures {
    init(_ fields: inout MessageFields) {
        rank = fields.take("rank")
        turn = Percentiles(&fields, "turn")
        wholeTurn = Percentiles(&fields, "whole")
        crowded = Percentiles(&fields, "crowded")
        (turns, nanoseconds) = (fields.take("turns"), fields.take("ns"))
        (killed, elected) = (fields.take("killed"), fields.take("elected"))
    }

    var fields: [(String, UInt64)] {
        [("rank", rank)] + turn.fields("turn") + wholeTurn.fields("whole") + crowded.fields("crowded") + [
            ("turns", turns), ("ns", nanoseconds), ("killed", killed), ("elected", elected),
        ]
    }
}
