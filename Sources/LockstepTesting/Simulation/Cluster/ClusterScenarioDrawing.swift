import LockstepProtocol

extension ClusterScenario {
    /// Draws a scenario with some of the faults. What it leaves of the generator belongs to the run.
    package static func draw(_ random: inout SeededRandom, faults: ClusterFaults) -> ClusterScenario {
        let founderCount = random.pick([1, 2, 3, 3, 3, 4, 5, 5])
        let nodeCount = founderCount + (faults.contains(.join) ? random.pick(0...2) : 0)
        let healTime = Int64(random.pick([20_000, 60_000]))
        var scenario = ClusterScenario(
            nodeCount: nodeCount, founderCount: founderCount,
            shardSizes: random.oneIn(2) ? [.max] : [.max, random.pick(1...3)],
            events: [], delays: drawDelays(nodeCount, faults, &random), isCoherent: random.oneIn(3),
            paces: (0..<nodeCount).map { _ in
                faults.contains(.slow) ? random.pick([5, 5, 50, 300]) : 20
            },
            breakAfter: Int64(random.pick([500, 4_000, 1_000_000])),
            settings: MembershipSettings(
                timeout: 4_000, heartbeatInterval: Int64(random.pick([300, 600])),
                backoff: Int64(random.pick([300, 1_500]))
            ),
            healTime: healTime
        )
        scenario.drawLoad(&random)
        scenario.drawFaults(faults, &random)
        // A shard of few members relies on clocks not to go on when it was left out.
        scenario.clocksStop = random.oneIn(4) && scenario.shardSizes == [.max]
        scenario.drawQueries(faults, &random)
        scenario.drawReaders(&random)
        return scenario
    }

    private mutating func drawLoad(_ random: inout SeededRandom) {
        for _ in 0..<random.pick(2...16) {
            let shard = random.pick(0...shardSizes.count - 1)
            let node = random.pick(0...nodeCount - 1)
            add(.updates(node: node, shard: shard, count: random.pick([1, 1, 3, 20])), &random)
        }
    }

    /// One founder votes in any case.
    private mutating func drawReaders(_ random: inout SeededRandom) {
        guard random.oneIn(4) else { return }
        let voter = random.pick(0...founderCount - 1)
        readers = Set((0..<nodeCount).filter { $0 != voter && random.oneIn(3) })
    }

    private mutating func drawQueries(_ faults: ClusterFaults, _ random: inout SeededRandom) {
        if faults.isSuperset(of: [.partition, .pause]), random.oneIn(2) { drawStaleReader(&random) }
        for _ in 0..<random.pick([0, 5, 40]) {
            let way = random.pick(ClusterQuery.Way.allCases)
            // A lease is worth nothing where clocks stop.
            guard way != .leased || !clocksStop else { continue }
            let shard = random.pick(0...shardSizes.count - 1)
            add(.query(node: random.pick(0...nodeCount - 1), shard: shard, way: way), &random)
        }
    }

    /// What leases are afraid of: a node that is stopped and cut off, and asked when the others may have gone on.
    private mutating func drawStaleReader(_ random: inout SeededRandom) {
        let node = random.pick(0...nodeCount - 1)
        let others = (0..<nodeCount).filter { $0 != node }
        let start = Int64(random.pick(0...Int(healTime) / 2))
        let (short, long) = (Int64(random.pick(600...1_600)), duration(&random))
        let length = random.pick([short, long])
        events.append(Timed(start, .pause(node: node, duration: length)))
        for (from, to) in [([node], others), (others, [node])] {
            events.append(Timed(start, .cut(from: from, to: to, duration: 2 * length)))
        }
        for _ in 0..<4 {
            for node in [node] + others {
                let time = min(start + Int64(random.pick(0...Int(length))), healTime - 1)
                events.append(Timed(time, .updates(node: node, shard: 0, count: 1)))
            }
            guard !clocksStop else { continue }
            let time = min(start + Int64(random.pick(0...Int(length))), healTime - 1)
            events.append(Timed(time, .query(node: node, shard: 0, way: .leased)))
        }
    }

    private mutating func drawFaults(_ faults: ClusterFaults, _ random: inout SeededRandom) {
        for node in founderCount..<nodeCount { add(.start(node: node), &random) }
        for _ in 0..<random.pick([0, 1, 1, 2, 3, 5]) {
            let drawn = random.pick(ClusterFaults.named.map(\.fault))
            if faults.contains(drawn) { drawFault(drawn, faults, &random) }
        }
    }

    private mutating func drawFault(_ fault: ClusterFaults, _ faults: ClusterFaults, _ random: inout SeededRandom) {
        let node = random.pick(0...nodeCount - 1)
        if faults.contains(.crash), random.oneIn(3) {
            let isCutOff = faults.contains(.partition) && random.oneIn(2)
            let cutOff = isCutOff ? Int64(random.pick(4_000...30_000)) : nil
            // Node 0 leads at first.
            let first = random.oneIn(2) ? 0 : node
            add(.failInChange(node: first, pushes: random.pick(0...20), cutOff: cutOff), &random)
        }
        switch fault {
        case .crash, .restart:
            guard faults.contains(.crash) else { return }
            let time = add(
                .crash(node: node, pushes: random.pick([0, random.pick(0...60)]), isKnown: random.oneIn(2)), &random)
            guard faults.contains(.restart), random.oneIn(2) else { return }
            let delay = random.pick([50, 2_000, 10_000])
            events.append(Timed(min(time + Int64(delay), healTime), .start(node: node)))
        case .pause:
            add(.pause(node: node, duration: duration(&random)), &random)
        case .starve:
            add(.starve(node: node, duration: duration(&random)), &random)
        case .leave:
            add(.leave(node: node), &random)
        case .reset:
            add(.reset(node: node, other: random.pick(0...nodeCount - 1)), &random)
        case .partition, .oneWay:
            let all = random.shuffled(Array(0..<nodeCount))
            let size = random.pick(1...nodeCount)
            let (one, other) = (Array(all.prefix(size)), Array(all.dropFirst(size)))
            let length = duration(&random)
            let time = add(.cut(from: one, to: other, duration: length), &random)
            if fault == .partition { events.append(Timed(time, .cut(from: other, to: one, duration: length))) }
        default: return
        }
    }

    private func duration(_ random: inout SeededRandom) -> Int64 {
        Int64(random.pick([random.pick(100...3_000), random.pick(3_000...40_000)]))
    }

    @discardableResult
    private mutating func add(_ event: Event, _ random: inout SeededRandom) -> Int64 {
        // Often close to another event, because what meets is what matters.
        let isNear = !events.isEmpty && random.oneIn(2)
        let base =
            isNear ? random.pick(events).time + Int64(random.pick(0...6_000)) : Int64(random.pick(0...Int(healTime)))
        let time = min(base, healTime - 1)
        events.append(Timed(time, event))
        return time
    }

    private static func drawDelays(
        _ nodeCount: Int, _ faults: ClusterFaults, _ random: inout SeededRandom
    ) -> SimulatedNetwork.Delays {
        var delays = SimulatedNetwork.Delays()
        delays.least = random.pick([1, 20, 100])
        delays.most = delays.least + random.pick([0, 10, 200])
        if faults.contains(.delay) { delays.spikeOneIn = random.pick([0, 30, 300]) }
        if faults.contains(.tear) { delays.tearOneIn = random.pick([0, 2, 10]) }
        if faults.contains(.slow) { delays.slowSenders = Set((0..<nodeCount).filter { _ in random.oneIn(8) }) }
        return delays
    }
}
