/// Those who wait at a barrier for each other.
struct Gathering: Codable, Sendable, Equatable {
    let parties: Int
    /// True if all who wait are turned away when one of them goes; false if its place is free again.
    let breaks: Bool
    private(set) var arrived: [Party] = []

    init(parties: Int, breaks: Bool) { (self.parties, self.breaks) = (parties, breaks) }

    /// True if everybody is there.
    var isComplete: Bool { arrived.count >= parties }

    mutating func add(_ party: Party) { arrived.append(party) }

    /// Some have gone; returns whom they leave behind in vain.
    mutating func remove(where isGone: (Party) -> Bool) -> [Party] {
        let before = arrived.count
        arrived.removeAll(where: isGone)
        guard breaks, arrived.count < before else { return [] }
        defer { arrived = [] }
        return arrived
    }
}
