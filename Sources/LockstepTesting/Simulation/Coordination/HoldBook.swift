import LockstepCoordination

/// Something that a user has, as far as the user knows.
final class CoordinationHold {
    let number: UInt64
    let key: String
    /// How much room there is, and how much of it this takes.
    let capacity: Int
    let weight: Int
    let ticket: TaskTicket
    /// Nil for an item of a queue.
    let token: UInt64?
    unowned let caller: CoordinationCaller
    let asked: Int64
    let acquired: Int64
    /// When its user gave it back, or had to give it up.
    var endedAt: Int64?
    var isLost = false
    /// When it was certainly free.
    var releasedAt: Int64?
    var whenLost: () -> Void = {}

    init(
        _ number: UInt64, _ key: String, capacity: Int, weight: Int, _ ticket: TaskTicket, token: UInt64?,
        of caller: CoordinationCaller, asked: Int64, acquired: Int64
    ) {
        (self.number, self.key, self.capacity, self.weight) = (number, key, capacity, weight)
        (self.ticket, self.token, self.caller, self.asked, self.acquired) = (ticket, token, caller, asked, acquired)
    }

    /// True if the user may rely on it now.
    func lasts(at now: Int64) -> Bool { endedAt == nil && !caller.hasEnded && caller.runs && now < caller.lostAt }
}

/// What users have had: never more at a time than there is room for, and with tokens that grow.
final class HoldBook {
    private var holds: [String: [CoordinationHold]] = [:]
    private(set) var count = 0
    private(set) var lossCount = 0

    /// A user has something from now on.
    func begin(_ hold: CoordinationHold, at now: Int64) throws(Violation) {
        let before = holds[hold.key, default: []]
        holds[hold.key, default: []].append(hold)
        count += 1
        let present = before.filter { $0.lasts(at: now) }
        let used = present.reduce(hold.weight) { $0 + $1.weight }
        guard used <= hold.capacity else {
            let names = present.map { "\($0.caller.name) since \($0.acquired) ns" }.joined(separator: ", ")
            throw Violation(
                .holders,
                """
                \(hold.caller.name) gets \(hold.key) at \(now) ns, of which \(names) \(present.count == 1 ? "has" : "have") \
                too much for that.
                """)
        }
        try checkToken(of: hold, after: before)
    }

    private func checkToken(of hold: CoordinationHold, after before: [CoordinationHold]) throws(Violation) {
        guard let token = hold.token else { return }
        for other in before {
            guard let earlier = other.token, earlier >= token else { continue }
            // Of what several have at a time, tokens may come out of their order.
            guard hold.capacity == 1 || (other.releasedAt ?? .max) < hold.asked else { continue }
            let isOffice = earlier == token && hold.key.hasPrefix("election/")
            throw Violation(
                isOffice ? .leaders : .tokens,
                "\(hold.caller.name) gets \(hold.key) with the token \(token), and \(other.caller.name) had \(earlier)."
            )
        }
    }

    /// Its user had to give it up at a time, and knows it.
    func noteLost(_ hold: CoordinationHold, at time: Int64) {
        (hold.endedAt, hold.isLost) = (time, true)
        lossCount += 1
    }

    /// It was given back, and that was done.
    func noteReleased(_ hold: CoordinationHold, at now: Int64) { hold.releasedAt = hold.isLost ? nil : now }

    /// Cuts what holds itself in circles.
    func dissolve() { for hold in holds.values.joined() { hold.whenLost = {} } }

    /// Compares what was done to each lock and office with a lock.
    ///
    /// A turn counts from when its user knows of it: until then nobody else may have one either, and of the many that wait at
    /// a time, the search need not try who comes first.
    func finish() throws {
        for (_, holds) in holds.sorted(by: { $0.key < $1.key }) where holds[0].capacity == 1 {
            var operations: [Operation<LockModel.Input, UInt64>] = []
            for (number, hold) in holds.enumerated() {
                guard let token = hold.token else { continue }
                let acquired = Self.time(hold.acquired)
                operations.append(Operation(.acquire(number), token, at: acquired...acquired))
                guard let end = hold.endedAt else { continue }
                let released = hold.releasedAt
                let range = Self.time(end)...Self.time(max(released ?? end, end))
                operations.append(Operation(.release(number), released == nil ? nil : 0, at: range))
            }
            try checkLinearizability(of: operations, against: LockModel())
        }
    }

    private static func time(_ time: Int64) -> UInt64 { UInt64(max(0, time)) }
}
