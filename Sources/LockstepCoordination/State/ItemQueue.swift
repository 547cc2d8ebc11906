import DequeModule

/// Items that are handed out one by one, each to whoever has waited longest, and those that are not done yet.
struct ItemQueue: Codable, Sendable, Equatable {
    struct Item: Codable, Sendable, Equatable {
        /// Grows from one item to the next.
        let number: UInt64
        let bytes: [UInt8]
    }

    struct Handed: Codable, Sendable, Equatable {
        let item: Item
        let party: Party
    }

    private(set) var items: Deque<Item> = []
    private(set) var handed: [Handed] = []
    private var waiting: Deque<Party> = []

    /// True if nothing is left, and nobody waits.
    var isIdle: Bool { items.isEmpty && handed.isEmpty && waiting.isEmpty }

    mutating func offer(_ item: Item) { items.append(item) }

    mutating func wait(_ party: Party) { waiting.append(party) }

    /// Hands out what there is to those who wait, and returns them.
    mutating func handOut() -> [Handed] {
        var new: [Handed] = []
        while !items.isEmpty, !waiting.isEmpty {
            new.append(Handed(item: items.removeFirst(), party: waiting.removeFirst()))
        }
        handed += new
        return new
    }

    /// The item that was handed out under a ticket.
    func item(of ticket: Ticket) -> Item? { handed.first { $0.party.ticket == ticket }?.item }

    /// An item is done.
    mutating func finish(_ ticket: Ticket) { handed.removeAll { $0.party.ticket == ticket } }

    /// Some are gone, and what they had comes back before everything else, in its order. False if there was nobody.
    mutating func remove(where isGone: (Party) -> Bool) -> Bool {
        let before = waiting.count
        waiting.removeAll(where: isGone)
        let back = handed.filter { isGone($0.party) }.map(\.item)
        handed.removeAll { isGone($0.party) }
        items = Deque((back + items).sorted { $0.number < $1.number })
        return !back.isEmpty || waiting.count < before
    }
}
