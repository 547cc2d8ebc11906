import DequeModule

/// What few hold at a time, and others wait for in the order in which they came: a lock, a semaphore, an office.
///
/// Nobody overtakes: who needs little waits behind who needs much and came before.
struct Gate: Codable, Sendable, Equatable {
    /// Somebody who is in, or wants to be.
    struct Claim: Codable, Sendable, Equatable {
        let party: Party
        /// How much of the capacity it takes.
        let weight: Int
        /// What others know it by, where that matters.
        let label: String?
    }

    /// A claim that is in.
    struct Hold: Codable, Sendable, Equatable {
        let claim: Claim
        /// Grows from one holder to the next.
        let token: UInt64
    }

    let capacity: Int
    private(set) var holds: [Hold] = []
    private var waiting: Deque<Claim> = []
    private var used = 0

    init(capacity: Int) { self.capacity = capacity }

    var waitingCount: Int { waiting.count }

    /// True if nobody is in or waits.
    var isIdle: Bool { holds.isEmpty && waiting.isEmpty }

    /// Puts somebody behind those who wait.
    mutating func add(_ claim: Claim) { waiting.append(claim) }

    /// Lets in who comes next, as long as there is room, and returns them.
    mutating func admit(token: UInt64) -> [Claim] {
        var admitted: [Claim] = []
        while let next = waiting.first, next.weight <= capacity - used {
            waiting.removeFirst()
            holds.append(Hold(claim: next, token: token))
            used += next.weight
            admitted.append(next)
        }
        return admitted
    }

    /// Takes out one; false if it is not there.
    mutating func remove(_ ticket: Ticket) -> Bool {
        // Mostly it is in, and then nobody looks at those who wait.
        guard let place = holds.firstIndex(where: { $0.claim.party.ticket == ticket }) else {
            return remove { $0.ticket == ticket }
        }
        used -= holds.remove(at: place).claim.weight
        return true
    }

    /// Takes out everybody of whom something is true; false if there was nobody.
    mutating func remove(where isGone: (Party) -> Bool) -> Bool {
        let before = holds.count + waiting.count
        holds.removeAll { hold in
            guard isGone(hold.claim.party) else { return false }
            used -= hold.claim.weight
            return true
        }
        waiting.removeAll { isGone($0.party) }
        return holds.count + waiting.count < before
    }
}

/// How many hold something, and how many wait for it.
struct Standing: Codable, Sendable, Equatable {
    let holders: Int
    let waiting: Int
}
