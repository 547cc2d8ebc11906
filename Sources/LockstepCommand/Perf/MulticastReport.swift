/// What a measurement has found, from the figures of all members.
struct MulticastReport {
    let setup: MulticastSetup
    /// The rounds that count.
    fileprivate let rounds: [Round]
    let limits: LimitFigures
    /// What the awaited messages have cost the first member, and all others together.
    let awaitedWrites: (first: WriteFigures, others: WriteFigures)

    /// One round, of all members together.
    fileprivate struct Round {
        var messages: UInt64
        /// Of the member that took longest.
        var nanoseconds: UInt64
        var processorNanoseconds: UInt64
        var ringMessages: UInt64
        var ringNanoseconds: UInt64
        var writes: WriteFigures
    }

    /// Takes the messages of each member, and throws if not every one has received what was sent.
    init(
        _ setup: MulticastSetup, _ members: [[PerfMessage]], names: [String]? = nil,
        subjects: RoundCheck.Subjects = .init()
    ) throws {
        self.setup = setup
        let reports = members.map { messages in
            messages.compactMap { if case .round(let figures) = $0 { figures } else { nil } }
        }
        let summaries = members.compactMap { messages in
            if case .limits(let figures) = messages.last { figures } else { nil }
        }
        guard let first = summaries.first(where: { $0.rank == 0 }), summaries.count == setup.members,
            reports.allSatisfy({ $0.count == MulticastPlan.rounds + 1 })
        else { throw PerfFailure("The members have not reported every round.") }
        let names = names ?? PerfCluster.names(count: setup.members)
        for round in 0...MulticastPlan.rounds {
            try RoundCheck(reports.map { $0[round] }, names: names, subjects).check()
        }
        limits = first
        let others = summaries.filter { $0.rank != 0 }.reduce(WriteFigures()) { $0 + $1.writes }
        awaitedWrites = (first.writes, others)
        rounds = (1...MulticastPlan.rounds).map { round in Round(reports.map { $0[round] }) }
    }

    // MARK: - Figures

    /// Messages that every member received.
    var messages: UInt64 { rounds.reduce(0) { $0 + $1.messages } }

    var messagesPerSecond: Double { rate(messages, rounds.reduce(0) { $0 + $1.nanoseconds }) }

    var bytesPerSecond: Double { messagesPerSecond * Double(setup.size) }

    /// Of all members together, for one message.
    var cpuNanosecondsPerMessage: Double {
        Double(rounds.reduce(0) { $0 + $1.processorNanoseconds }) / Double(max(1, messages))
    }

    /// Nothing with a single member, which has no peer, and where no memory is shared.
    var ringLimitMessagesPerSecond: Double? {
        setup.members > 1 && setup.fabric == .sharedMemory ? rawMessagesPerSecond : nil
    }

    /// What a plain connection has given where there is no bare ring.
    var streamLimitBytesPerSecond: Double? {
        setup.members > 1 && setup.fabric.isStream ? rawMessagesPerSecond * Double(setup.size) : nil
    }

    /// To how much of that the multicast comes, of which every byte goes to each of the others.
    var streamLimitRatio: Double? {
        streamLimitBytesPerSecond.map { bytesPerSecond * Double(setup.members - 1) / max(1, $0) }
    }

    /// What was measured in the place of the bare ring.
    var rawMessagesPerSecond: Double {
        rate(rounds.reduce(0) { $0 + $1.ringMessages }, rounds.reduce(0) { $0 + $1.ringNanoseconds })
    }

    var ringLimitRatio: Double? { ringLimitMessagesPerSecond.map { messagesPerSecond / max(1, $0) } }

    var wakeLimit: Percentiles? { setup.members > 1 ? limits.wake : nil }

    var latency: Percentiles { limits.latency }

    /// Messages a second in each round.
    var roundRates: [Double] { rounds.map { rate($0.messages, $0.nanoseconds) } }

    /// Of the bare ring.
    var roundRingRates: [Double] { rounds.map { rate($0.ringMessages, $0.ringNanoseconds) } }

    /// What the messages of all rounds have asked of the members' RDMA devices.
    var sentWrites: WriteFigures { rounds.reduce(WriteFigures()) { $0 + $1.writes } }

    private func rate(_ count: UInt64, _ nanoseconds: UInt64) -> Double {
        Double(count) * 1e9 / Double(max(1, nanoseconds))
    }

    /// True if the program was built without optimization, so that its figures say little.
    static var isDebugBuild: Bool {
        #if DEBUG
            true
        #else
            false
        #endif
    }
}

extension MulticastReport.Round {
    fileprivate init(_ members: [RoundFigures]) {
        messages = members.reduce(0) { $0 + $1.sent.messages }
        nanoseconds = members.map(\.nanoseconds).max() ?? 0
        processorNanoseconds = members.reduce(0) { $0 + $1.processorNanoseconds }
        ringNanoseconds = members.map(\.ringNanoseconds).max() ?? 0
        ringMessages = members.map(\.ring.messages).max() ?? 0
        writes = members.reduce(WriteFigures()) { $0 + $1.writes }
    }
}

/// Whether all members have received what was sent in a round, and nothing else.
struct RoundCheck {
    /// How a sentence names what was counted.
    struct Subjects {
        var messages = "received"
        var ring = "In the bare ring"
        var item = "messages"
    }

    private let members: [RoundFigures]
    private let names: [String]
    private let subjects: Subjects

    init(_ members: [RoundFigures], names: [String], _ subjects: Subjects) {
        (self.members, self.names, self.subjects) = (members, names, subjects)
    }

    /// Throws a sentence about the first member that has not.
    func check() throws {
        var sent = Tally()
        for member in members { sent.add(member.sent) }
        for (number, member) in members.enumerated() {
            try compare(member.received, sent, "The member \(names[number]) \(subjects.messages)", subjects.item)
            try compare(member.ring, members[0].ring, "\(subjects.ring) the member \(names[number]) had", "messages")
            guard member.state == members[0].state else { throw difference(number) }
        }
    }

    private func compare(_ has: Tally, _ expected: Tally, _ subject: String, _ item: String) throws {
        guard has != expected else { return }
        throw PerfFailure(
            """
            \(subject) \(has.messages.grouped) \(item) with the sum \(has.sum.hexadecimal) in round \
            \(members[0].round), and not \(expected.messages.grouped) with the sum \(expected.sum.hexadecimal).
            """
        )
    }
    private func difference(_ number: Int) -> PerfFailure {
        PerfFailure(
            """
            After round \(members[0].round) the replica of the member \(names[number]) had the state \
            \(members[number].state.hexadecimal), and that of \(names[0]) \(members[0].state.hexadecimal).
            """
        )
    }
}
