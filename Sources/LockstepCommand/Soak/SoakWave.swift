import LockstepTesting

/// What happens to the members of a fleet at about the same time, drawn from a seed.
struct SoakWave: Equatable {
    /// In the order in which it happens.
    let steps: [Step]

    struct Step: Equatable {
        /// Milliseconds from the beginning of the wave.
        let start: Int
        let event: Event
    }

    /// What happens, and to whom: the member of a rank.
    enum Event: Equatable {
        case kill(Int)
        case stop(Int)
        case resume(Int)
        case leave(Int)
        case join
    }

    private static let eventsMax = 4
    /// Within this time everything begins, so that much of it happens while a view changes.
    private static let spread = 0...40
    /// Of a stop, in milliseconds: for less or more than what the others wait for a member.
    private static let (shortStop, longStop) = (5...60, 150...500)

    /// Draws for a fleet of so many members, all at work, which shall have about `wanted`.
    init(members: Int, wanted: Int, using random: inout SeededRandom) {
        var victims = random.shuffled(Array(0..<members))
        var (away, joining) = (0, 0)
        var steps: [Step] = []
        for _ in 0..<random.pick(1...Self.eventsMax) {
            let mayJoin = Self.hasMajority(members, away: away, joining: joining + 1) && members + joining < wanted + 2
            let mayLose = Self.hasMajority(members, away: away + 1, joining: joining)
            let isSmall = members - away + joining < wanted
            if mayJoin, !mayLose || random.oneIn(isSmall ? 2 : 5) {
                steps.append(Step(start: random.pick(Self.spread), event: .join))
                joining += 1
            } else if mayLose {
                steps += Self.loss(of: victims.removeLast(), using: &random)
                away += 1
            }
        }
        self.steps = steps.sorted { $0.start < $1.start }
    }

    /// True if the members that are not away are a majority even of a view with newcomers that are of no help yet.
    private static func hasMajority(_ members: Int, away: Int, joining: Int) -> Bool {
        2 * (members - away) > members + joining
    }

    private static func loss(of rank: Int, using random: inout SeededRandom) -> [Step] {
        let (start, kind) = (random.pick(spread), random.pick(1...10))
        switch kind {
        case ...4: return [Step(start: start, event: .kill(rank))]
        case 5: return [Step(start: start, event: .leave(rank))]
        default:
            let time = random.pick(kind < 8 ? shortStop : longStop)
            return [Step(start: start, event: .stop(rank)), Step(start: start + time, event: .resume(rank))]
        }
    }
}
