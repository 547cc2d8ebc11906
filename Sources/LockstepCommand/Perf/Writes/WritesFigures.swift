/// What one of two members has found of writes.
struct WritesFigures: Equatable {
    var rank: UInt64 = 0
    /// Half of the times that a write took there and back; nothing at the second member.
    var looking = Percentiles()
    var sleeping = Percentiles()
    /// Large writes: what the first member has written, or the second has seen.
    var writes = Tally()
    /// Of the first member, until the last was seen.
    var nanoseconds: UInt64 = 0
    /// Bytes a second in the best round.
    var peak: UInt64 = 0
    /// What the large writes have asked of this member's RDMA device.
    var device = WriteFigures()
}

extension WritesFigures {
    init(_ fields: inout MessageFields) {
        rank = fields.take("rank")
        looking = Percentiles(&fields, "looking")
        sleeping = Percentiles(&fields, "sleeping")
        writes = Tally(messages: fields.take("seen"), sum: fields.take("seen-sum"))
        (nanoseconds, peak) = (fields.take("ns"), fields.take("peak"))
        device = WriteFigures(&fields)
    }

    var fields: [(String, UInt64)] {
        [("rank", rank)] + looking.fields("looking") + sleeping.fields("sleeping")
            + [("seen", writes.messages), ("seen-sum", writes.sum), ("ns", nanoseconds), ("peak", peak)]
            + device.fields
    }
}
