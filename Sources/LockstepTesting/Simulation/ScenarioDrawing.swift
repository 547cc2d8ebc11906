import LockstepFabric
import LockstepProtocol

extension Scenario {
    /// Draws a scenario. What it leaves of the generator belongs to the run.
    package static func draw(_ random: inout SeededRandom) -> Scenario {
        let nodeCount = random.pick(1...7)
        var ends = Array(repeating: 0, count: nodeCount)
        let groups = (0..<random.pick([1, 1, 2, 3])).map { drawGroup($0, &ends, &random) }
        let healTime = Int64(random.pick([2_000, 20_000, 200_000]))
        return Scenario(
            nodeCount: nodeCount,
            groups: groups,
            regionSize: (ends.max() ?? 0) + Line.size,
            bursts: drawBursts(groups, before: healTime, &random),
            pauses: drawPauses(nodeCount, before: healTime, &random),
            paces: (0..<nodeCount).map { _ in drawPace(&random) },
            writings: (0..<nodeCount).map { _ in drawWriting(&random) },
            isCoherent: random.oneIn(3),
            delays: drawDelays(nodeCount, &random),
            leftovers: random.pick(Leftovers.allCases),
            healTime: healTime
        )
    }

    // MARK: - Groups

    private static func drawGroup(
        _ number: Int, _ ends: inout [Int], _ random: inout SeededRandom
    ) -> Group {
        let all = random.shuffled(Array(ends.indices))
        let nodes = number == 0 ? all : Array(all.prefix(random.pick(1...all.count)))
        let senders = drawSenders(nodes.count, &random)
        let members = nodes.indices.map { place in
            let size = senders.contains(place) ? Record.ringSizeMin << random.pick([0, 0, 0, 1, 2]) : 0
            return drawMember(Peer(nodes[place]), ringSize: size, &ends[nodes[place]], &random)
        }
        return Group(
            nodes: nodes, members: members, view: UInt64(random.pick(1...70_000)),
            nullWindow: UInt64(random.pick([0, 1, 2, 3, 8, 32, 64, random.pick(0...64)])),
            delivery: random.oneIn(5) ? .senders : .total
        )
    }

    /// All, one, or any of the members; never none.
    private static func drawSenders(_ count: Int, _ random: inout SeededRandom) -> [Int] {
        let places = Array(0..<count)
        switch random.pick(1...4) {
        case 1: return places
        case 2: return [random.pick(places)]
        default: return Array(random.shuffled(places).prefix(random.pick(1...count)))
        }
    }

    private static func drawMember(
        _ peer: Peer, ringSize: Int, _ end: inout Int, _ random: inout SeededRandom
    ) -> ShardLayout.Member {
        let line = end + Line.size * random.pick(0...3)
        let ring = line + Line.size * random.pick(1...3)
        end = ring + ringSize
        return ShardLayout.Member(peer: peer, line: line, ring: ring..<end)
    }

    // MARK: - Load

    private static func drawBursts(
        _ groups: [Group], before end: Int64, _ random: inout SeededRandom
    ) -> [Burst] {
        (0..<random.pick(1...14)).map { _ in
            let group = random.pick(Array(groups.indices))
            let member = random.pick(groups[group].senders)
            let payloadMax = Record.payloadMax(ring: groups[group].members[member].ring.count)
            let sizes = drawSizes(payloadMax, &random)
            let time = Int64(random.pick(0...Int(end) - 1))
            return Burst(time: time, group: group, member: member, sizes: sizes)
        }
    }

    private static func drawSizes(_ payloadMax: Int, _ random: inout SeededRandom) -> [Int] {
        let range = random.pick([0...0, 0...40, 8...8, 0...payloadMax, payloadMax...payloadMax])
        return (0..<random.pick([1, 1, 3, 10, 20])).map { _ in random.pick(range) }
    }

    // MARK: - Faults

    private static func drawPauses(
        _ nodeCount: Int, before end: Int64, _ random: inout SeededRandom
    ) -> [Pause] {
        (0..<random.pick([0, 0, 1, 3])).map { _ in
            let start = random.pick(0...Int(end) - 1)
            let duration = random.pick(1...Int(end) - start)
            return Pause(node: random.pick(0...nodeCount - 1), time: Int64(start), duration: Int64(duration))
        }
    }

    private static func drawPace(_ random: inout SeededRandom) -> Pace {
        Pace(
            turn: random.pick([1, 50, 50, 2_000]), step: random.pick([0, 0, 20, 300]),
            deliveriesMax: random.pick([.max, .max, .max, 1, 4])
        )
    }

    private static func drawWriting(_ random: inout SeededRandom) -> Writing {
        Writing(
            holdMax: random.pick([0, 0, 30, 2_000]), abandonOneIn: random.pick([0, 0, 2, 10]),
            batchMax: random.pick([1, 1, 3, 100])
        )
    }

    private static func drawDelays(
        _ nodeCount: Int, _ random: inout SeededRandom
    ) -> SimulatedNetwork.Delays {
        var delays = SimulatedNetwork.Delays()
        delays.least = random.pick([1, 20, 300])
        delays.most = delays.least + random.pick([0, 10, 300, 1_000])
        delays.spikeOneIn = random.pick([0, 10, 50])
        delays.tearOneIn = random.pick([0, 1, 3])
        delays.slowSenders = Set((0..<nodeCount).filter { _ in random.oneIn(5) })
        return delays
    }
}
