extension RoundFigures {
    init(_ fields: inout MessageFields) {
        round = fields.take("round")
        sent = Tally(messages: fields.take("sent"), sum: fields.take("sent-sum"))
        received = Tally(messages: fields.take("received"), sum: fields.take("received-sum"))
        (nanoseconds, processorNanoseconds) = (fields.take("ns"), fields.take("processor-ns"))
        ring = Tally(messages: fields.take("ring"), sum: fields.take("ring-sum"))
        (ringNanoseconds, state) = (fields.take("ring-ns"), fields.take("state"))
        writes = WriteFigures(&fields)
    }

    var fields: [(String, UInt64)] {
        [
            ("round", round), ("sent", sent.messages), ("sent-sum", sent.sum), ("received", received.messages),
            ("received-sum", received.sum), ("ns", nanoseconds), ("processor-ns", processorNanoseconds),
            ("ring", ring.messages), ("ring-sum", ring.sum), ("ring-ns", ringNanoseconds),
            ("state", state),
        ] + writes.fields
    }
}

extension LimitFigures {
    init(_ fields: inout MessageFields) {
        rank = fields.take("rank")
        wake = Percentiles(&fields, "wake")
        latency = Percentiles(&fields, "latency")
        viewChanges = fields.take("view-changes")
        writes = WriteFigures(&fields)
    }

    var fields: [(String, UInt64)] {
        [("rank", rank)] + wake.fields("wake") + latency.fields("latency") + [("view-changes", viewChanges)]
            + writes.fields
    }
}

extension WriteFigures {
    init(_ fields: inout MessageFields) {
        (requests, doorbells) = (fields.take("writes"), fields.take("doorbells"))
        completions = fields.take("completions")
    }

    var fields: [(String, UInt64)] {
        [("writes", requests), ("doorbells", doorbells), ("completions", completions)]
    }
}

extension Percentiles {
    init(_ fields: inout MessageFields, _ name: String) {
        count = fields.take("\(name)-count")
        (p50, p99) = (fields.take("\(name)-p50"), fields.take("\(name)-p99"))
        (p999, max) = (fields.take("\(name)-p999"), fields.take("\(name)-max"))
    }

    func fields(_ name: String) -> [(String, UInt64)] {
        [
            ("\(name)-count", count), ("\(name)-p50", p50), ("\(name)-p99", p99), ("\(name)-p999", p999),
            ("\(name)-max", max),
        ]
    }
}

extension IdleFigures {
    init(_ fields: inout MessageFields) {
        (nanoseconds, processorNanoseconds) = (fields.take("ns"), fields.take("processor-ns"))
        (residentBytes, ownBytes) = (fields.take("resident"), fields.take("own"))
    }

    var fields: [(String, UInt64)] {
        [
            ("ns", nanoseconds), ("processor-ns", processorNanoseconds), ("resident", residentBytes),
            ("own", ownBytes),
        ]
    }
}

extension TransferFigures {
    init(_ fields: inout MessageFields) {
        nanoseconds = fields.take("ns")
        memoryNanoseconds = fields.take("memory-ns")
        left = fields.take("left")
    }

    var fields: [(String, UInt64)] { [("ns", nanoseconds), ("memory-ns", memoryNanoseconds), ("left", left)] }
}
