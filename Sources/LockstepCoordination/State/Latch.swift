/// How often something has happened, and those who wait until it has happened often enough.
struct Latch: Codable, Sendable, Equatable {
    struct Waiter: Codable, Sendable, Equatable {
        let party: Party
        let goal: Int
    }

    private(set) var counted = 0
    private(set) var waiting: [Waiter] = []

    /// True if it is as one that nobody knows.
    var isUnused: Bool { counted == 0 && waiting.isEmpty }

    /// Counts, up to the greatest number there is.
    mutating func count(by steps: Int) {
        let (sum, isTooLarge) = counted.addingReportingOverflow(max(0, steps))
        counted = isTooLarge ? .max : sum
    }

    mutating func wait(for goal: Int, _ party: Party) { waiting.append(Waiter(party: party, goal: goal)) }

    /// Lets those go who have waited for no more than there is.
    mutating func open() -> [Party] {
        let passing = waiting.filter { $0.goal <= counted }
        waiting.removeAll { $0.goal <= counted }
        return passing.map(\.party)
    }

    mutating func remove(where isGone: (Party) -> Bool) { waiting.removeAll { isGone($0.party) } }

    /// Counts from the beginning; who waits goes on waiting.
    mutating func reset() { counted = 0 }
}
