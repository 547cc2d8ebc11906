/// Who has not received what others have, and since when.
struct LagWatch {
    /// A member behind the others.
    struct Lag {
        /// Its place among the members.
        let member: Int
        let positions: UInt64
        let nanoseconds: Int64
    }

    /// What a member had not received when it was noticed.
    private struct Goal {
        let position: UInt64
        let since: Int64
    }

    /// The least time from look to look where one is made after each sleep.
    private static let interval: Int64 = 1_000_000

    private var received: [UInt64] = []
    private var goals: [Goal?] = []
    private var notedAt: Int64 = .min

    /// True if the last look was long ago.
    func isDue(at now: Int64) -> Bool { now >= notedAt &+ Self.interval }

    /// Takes note of how far each member has received. Who has reached what it lacked the last time is not slow.
    mutating func note(_ received: [UInt64], at now: Int64) {
        let most = received.max() ?? 0
        if goals.count != received.count { goals = received.map { _ in nil } }
        for member in received.indices {
            if received[member] == most {
                goals[member] = nil
            } else if goals[member].map({ received[member] >= $0.position }) ?? true {
                goals[member] = Goal(position: most, since: now)
            }
        }
        self.received = received
        notedAt = now
    }

    /// The members behind, the last first.
    func lags(at now: Int64) -> [Lag] {
        let most = received.max() ?? 0
        return goals.enumerated()
            .compactMap { member, goal in
                goal.map { Lag(member: member, positions: most - received[member], nanoseconds: now - $0.since) }
            }
            .sorted { $0.positions > $1.positions }
    }
}
