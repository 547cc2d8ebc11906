extension MulticastReport {
    /// What one message costs, for each peer, in units that do not depend on how fast the machine is.
    struct WriteCost {
        var requests, doorbells, completions: Double

        fileprivate init(_ writes: WriteFigures, _ times: Double) {
            let share = 1 / max(1, times)
            requests = Double(writes.requests) * share
            doorbells = Double(writes.doorbells) * share
            completions = Double(writes.completions) * share
        }
    }

    private var peers: Double { Double(setup.members - 1) }

    /// Of all members together, when messages are sent as fast as they can be; nil over other fabrics.
    var writeCost: WriteCost? {
        setup.fabric == .verbs ? WriteCost(sentWrites, Double(messages) * peers) : nil
    }

    /// Of the sender of an awaited message, and of each of the others.
    var awaitedWriteCost: (sender: WriteCost, other: WriteCost)? {
        guard setup.fabric == .verbs else { return nil }
        let times = Double(latency.count) * peers
        return (WriteCost(awaitedWrites.first, times), WriteCost(awaitedWrites.others, times * peers))
    }

    /// For people.
    var writeRows: [(name: String, figures: String)] {
        guard let cost = writeCost, let awaited = awaitedWriteCost else { return [] }
        let many =
            "\(cost.requests.fixed(3)) writes, \(cost.doorbells.fixed(3)) doorbells, \(cost.completions.fixed(4)) completions"
        let one =
            "\(awaited.sender.requests.fixed(2)) writes by its sender, \(awaited.other.requests.fixed(2)) by each other"
        return [("RDMA", "\(many) a message and peer"), ("RDMA, awaited", "\(one), a message and peer")]
    }

    /// For programs.
    var writeJSON: JSONText {
        guard let cost = writeCost, let awaited = awaitedWriteCost else { return .null }
        return .object([
            "perMessageAndPeer": cost.json, "awaitedBySender": awaited.sender.json,
            "awaitedByOther": awaited.other.json,
        ])
    }
}

extension MulticastReport.WriteCost {
    fileprivate var json: JSONText {
        .object([
            "requests": .number(requests, digits: 4), "doorbells": .number(doorbells, digits: 4),
            "completions": .number(completions, digits: 5),
        ])
    }
}
