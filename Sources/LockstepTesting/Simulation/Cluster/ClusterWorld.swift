import LockstepFabric
import LockstepProtocol

/// All nodes of a simulated cluster, the channels between them, and what goes wrong.
final class ClusterWorld {
    let scenario: ClusterScenario
    let rules: Rules
    let clock = VirtualClock()
    let random: SharedRandom
    let trace: SimulationTrace
    let places: ClusterPlaces
    /// Nil if the replicas only count.
    let service: (any ClusterService)?
    var history = ClusterHistory()
    private(set) var violation: Violation?
    private(set) var isHealed = false
    private var nodes: [ClusterProcess?]
    private var processes: [UInt64: ClusterProcess] = [:]
    private var channels: [ClusterChannel] = []
    private var cuts: [[Int64]]
    private var lastMajority: [UInt64: Int64] = [:]

    init(
        _ scenario: ClusterScenario, rules: Rules, random: SharedRandom, trace: SimulationTrace,
        service: (any ClusterService)? = nil
    ) {
        self.scenario = scenario
        self.rules = rules
        self.random = random
        self.trace = trace
        self.service = service
        var places = ClusterPlaces(shardCount: scenario.shardSizes.count)
        if service != nil { places.ringSize *= 4 }
        self.places = places
        nodes = Array(repeating: nil, count: scenario.nodeCount)
        cuts = Array(repeating: Array(repeating: 0, count: scenario.nodeCount), count: scenario.nodeCount)
    }

    func report(_ violation: Violation) {
        if self.violation == nil { self.violation = violation }
    }

    /// Looks at something that may be wrong, and reports it.
    func check(_ body: () throws -> Void) {
        do {
            try body()
        } catch let violation as Violation {
            report(violation)
        } catch {
            report(Violation(.linearizability, "\(error)"))
        }
    }

    /// Cuts what holds itself in circles.
    func dissolve() {
        clock.stop()
        service?.dissolve()
        for process in processes.values { process.dissolve() }
        (nodes, processes, channels) = ([], [:], [])
    }

    // MARK: - Processes

    var alive: [ClusterProcess] { nodes.compactMap { $0 }.filter(\.isAlive) }

    func process(_ member: MemberRecord) -> ClusterProcess {
        guard let process = processes[member.incarnation] else {
            preconditionFailure("a member must be a process that was started")
        }
        return process
    }

    /// What clocks show at a time: ten thousand times as much, because those who use the replicas count in milliseconds.
    static func stamp(_ time: Int64) -> Int64 { time * 10_000 }

    /// Starts the founders, all connected.
    func found() {
        service?.begin(in: self)
        let founders = (0..<scenario.founderCount).map { start($0) }
        connectAll()
        let view = MembershipView(number: 1, members: founders.map(\.record))
        do throws(Violation) { try history.note(view, by: "the founders") } catch { report(error) }
        for founder in founders { founder.begin(in: view) }
    }

    @discardableResult
    func start(_ index: Int) -> ClusterProcess {
        let process = ClusterProcess(index: index, incarnation: UInt64(processes.count + 1), world: self)
        nodes[index] = process
        processes[process.record.incarnation] = process
        return process
    }

    func noteCrash(of process: ClusterProcess) {
        guard process.diesKnown else { return }
        for other in alive { other.tell(.dead(process)) }
    }

    /// Who left is gone; who was left out comes back as a new incarnation.
    func noteExclusion(of process: ClusterProcess) {
        process.stop()
        guard process.machine?.role != .out(.left) else { return }
        let index = process.index
        clock.schedule(after: random.pick(10...2_000)) { [unowned self] in
            if nodes[index]?.isAlive == false { start(index) }
        }
    }

    /// A member that began the view with the state of a shard, within reach.
    func source(of shard: Int, for process: ClusterProcess) -> ClusterProcess? {
        guard let view = process.view else { return nil }
        return alive.first { other in
            other.starts[view.number]?[shard] != nil && canTalk(process, other)
        }
    }

    // MARK: - Channels

    var delays: SimulatedNetwork.Delays { isHealed ? SimulatedNetwork.Delays() : scenario.delays }

    func pace(of index: Int) -> Int { isHealed ? 5 : scenario.paces[index] }

    func isCut(from: Int, to: Int) -> Bool { clock.now < cuts[from][to] }

    func canTalk(_ one: ClusterProcess, _ other: ClusterProcess) -> Bool {
        one.isAlive && other.isAlive && !isCut(from: one.index, to: other.index)
            && !isCut(from: other.index, to: one.index)
    }

    func channel(_ process: ClusterProcess, with member: MemberRecord) -> ClusterChannel? {
        processes[member.incarnation].flatMap { channel(process, $0) }
    }

    /// The channel to whoever runs at a node now.
    func channel(_ process: ClusterProcess, at index: Int) -> ClusterChannel? {
        nodes[index].flatMap { channel(process, $0) }
    }

    private func channel(_ one: ClusterProcess, _ other: ClusterProcess) -> ClusterChannel? {
        guard one !== other else { return nil }
        return channels.first { $0.isOpen && $0.ends.contains { $0 === one } && $0.ends.contains { $0 === other } }
    }

    /// Opens channels where there are none.
    private func connectAll() {
        let alive = alive
        for (place, one) in alive.enumerated() {
            for other in alive[..<place] where canTalk(one, other) && channel(one, other) == nil {
                channels.append(ClusterChannel(one, other, world: self))
                one.tell(.connected(other))
                other.tell(.connected(one))
            }
        }
    }

    // MARK: - Time

    static let tickInterval = 400

    /// What happens by itself: channels break and open, learners find somebody to ask, and somebody looks around.
    func tick() {
        for channel in channels { channel.check() }
        channels.removeAll { !$0.isOpen }
        connectAll()
        for learner in alive where learner.machine == nil {
            let members = alive.filter { $0.isMember && canTalk($0, learner) }
            guard !members.isEmpty, let view = members[random.pick(0...members.count - 1)].view else { continue }
            learner.note("learns of view \(view.number)")
            learner.begin(in: view)
        }
        checkServing()
    }

    func happen(_ event: ClusterScenario.Event) {
        trace.note(at: clock.now, "\(event)")
        switch event {
        case .crash(let node, let pushes, let isKnown): nodes[node]?.crash(after: pushes, isKnown: isKnown)
        case .failInChange(let node, let pushes, let cutOff): nodes[node]?.failInChange(after: pushes, cutOff: cutOff)
        case .start(let node): if nodes[node]?.isAlive != true { start(node) }
        case .pause(let node, let duration): nodes[node]?.pause(until: min(clock.now + duration, scenario.healTime))
        case .starve(let node, let duration): nodes[node]?.starve(until: min(clock.now + duration, scenario.healTime))
        case .leave(let node): leave(node)
        case .reset(let node, let other): reset(node, other)
        case .updates(let node, let shard, let count): nodes[node]?.want(count, shard: shard)
        case .query(let node, let shard, let way): nodes[node]?.ask(shard, way)
        case .cut(let senders, let receivers, let duration):
            cut(from: senders, to: receivers, for: duration)
        }
    }

    private func leave(_ node: Int) {
        guard let process = nodes[node] else { return }
        if process.isMember { service?.noteLeaving(of: process) }
        process.tell(.leave)
    }

    private func cut(from senders: [Int], to receivers: [Int], for duration: Int64) {
        let end = min(clock.now + duration, scenario.healTime)
        for sender in senders {
            for receiver in receivers { cuts[sender][receiver] = max(cuts[sender][receiver], end) }
        }
    }

    private func reset(_ node: Int, _ other: Int) {
        guard let process = nodes[node], let channel = channel(process, at: other) else { return }
        channel.close()
        connectAll()
    }

    func cutOff(_ process: ClusterProcess, for duration: Int64) {
        process.note("is cut off for \(duration) ns")
        cut(from: [process.index], to: Array(nodes.indices), for: duration)
        cut(from: Array(nodes.indices), to: [process.index], for: duration)
    }

    /// From here on nothing goes wrong any more, and everybody has something to do.
    func heal() {
        trace.note(at: clock.now, "all faults end")
        isHealed = true
        for process in alive {
            process.heal()
            process.want(2, shard: 0)
        }
        service?.heal()
    }

    /// A member that was cut off from the majority for long knows it.
    private func checkServing() {
        for process in alive where process.isMember {
            guard let view = process.view else { continue }
            let reachesMajority = view.isMajority { member in
                let other = self.process(member)
                return other === process || canTalk(process, other) && !other.isPaused
            }
            let last = lastMajority[process.record.incarnation] ?? clock.now
            guard !reachesMajority, process.runs else {
                lastMajority[process.record.incarnation] = clock.now
                continue
            }
            lastMajority[process.record.incarnation] = last
            if process.serves, clock.now - max(last, process.servesSince) > 3 * scenario.settings.timeout {
                report(Violation(.majority, "\(process.name) goes on, although it was cut off at \(last) ns."))
            }
        }
    }
}
