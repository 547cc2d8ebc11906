/// Those who go through a double barrier: they begin together, and end together.
struct Assembly: Codable, Sendable, Equatable {
    let parties: Int
    /// True from when all have come.
    private(set) var isOpen = false
    private(set) var inside: [Party] = []
    private(set) var leaving: [Party] = []

    init(parties: Int) { self.parties = parties }

    var isEmpty: Bool { inside.isEmpty && leaving.isEmpty }

    /// Somebody comes; returns all once they are complete.
    mutating func enter(_ party: Party) -> [Party] {
        inside.append(party)
        guard inside.count == parties else { return [] }
        isOpen = true
        return inside
    }

    /// Somebody is done, and waits under another ticket than the one that it came with.
    mutating func leave(_ ticket: Ticket, as party: Party) -> [Party] {
        inside.removeAll { $0.ticket == ticket }
        leaving.append(party)
        return takeLeaving()
    }

    /// Some have gone, who are waited for no longer.
    mutating func remove(where isGone: (Party) -> Bool) -> [Party] {
        inside.removeAll(where: isGone)
        leaving.removeAll(where: isGone)
        return takeLeaving()
    }

    private mutating func takeLeaving() -> [Party] {
        guard isOpen, inside.isEmpty else { return [] }
        defer { leaving = [] }
        return leaving
    }
}
