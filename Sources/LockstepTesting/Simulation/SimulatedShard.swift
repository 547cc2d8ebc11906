import DequeModule
import LockstepFabric
import LockstepProtocol

/// One member of one group: what a poller keeps for it, the steps that it takes in a turn, and the program that
/// writes its messages.
package final class SimulatedShard {
    let group: SimulatedGroup
    /// Its place among the members.
    let member: Int
    /// Runs when the program has something for the poller.
    var onCommit: () -> Void = {}
    private let others: PeerSet
    private let rules: Rules
    private let fabric: SimulatedFabric
    private let ring: Range<Int>
    private let writing: Scenario.Writing
    private let clock: VirtualClock
    private let random: SharedRandom
    private var multicast: OrderedMulticast
    private var claims: RingClaims
    private var commits: [Commit] = []
    /// True if something was committed or abandoned since the last push.
    private var hasCommitted = false
    /// Sizes of the messages for which there was no room yet.
    private var waiting: Deque<Int> = []
    private var openCount = 0
    private var sentCount = 0
    /// Room for the messages that are delivered at once.
    private let messages: UnsafeMutableBufferPointer<OrderedMulticast.Message>

    /// A step of a turn; a turn takes them in this order.
    enum Step: CaseIterable {
        case send, publish, deliver
    }

    init(
        group: SimulatedGroup, member: Int, fabric: SimulatedFabric, writing: Scenario.Writing, clock: VirtualClock,
        random: SharedRandom, rules: Rules
    ) {
        let scenario = group.scenario
        let layout = ShardLayout(view: scenario.view, members: scenario.members, me: member)
        self.group = group
        self.member = member
        self.fabric = fabric
        self.writing = writing
        self.clock = clock
        self.random = random
        self.rules = rules
        others = layout.others
        messages = .allocate(capacity: random.pick(1...16))
        ring = scenario.members[member].ring
        claims = RingClaims(ringSize: ring.count)
        multicast = OrderedMulticast(
            layout: layout, region: fabric.region,
            mirrors: scenario.members.map { fabric.mirror(of: $0.peer) },
            delivery: scenario.delivery, rules: rules, nullWindow: scenario.nullWindow
        )
    }

    deinit { messages.deallocate() }

    // MARK: - The program

    /// The program wants to send.
    func queue(sizes: [Int]) {
        waiting += sizes
        claimForWaiting()
    }

    /// The program waits for nothing.
    var isDone: Bool { waiting.isEmpty && openCount == 0 }

    private func claimForWaiting() {
        while let size = waiting.first {
            let count = min(writing.batchMax, waiting.prefix { $0 == size }.count)
            guard let claim = claims.claim(payloadSize: size, upTo: count) else { return }
            waiting.removeFirst(claim.count)
            openCount += 1
            hold(claim)
        }
    }

    /// Commits the claim, now or later, or abandons it.
    private func hold(_ claim: Claim) {
        let isAbandoned = writing.abandonOneIn > 0 && random.oneIn(writing.abandonOneIn)
        guard writing.holdMax > 0 else { return end(claim, isAbandoned) }
        clock.schedule(after: random.pick(0...writing.holdMax)) { [unowned self] in
            end(claim, isAbandoned)
            onCommit()
        }
    }

    private func end(_ claim: Claim, _ isAbandoned: Bool) {
        openCount -= 1
        // A program may give up between two messages of a batch.
        let (written, rest) = claim.split(at: isAbandoned ? random.pick(0...claim.count - 1) : claim.count)
        if written.count > 0 { commit(written) }
        claims.abandon(rest)
    }

    private func commit(_ claim: Claim) {
        for index in 0..<claim.count {
            let sequence = group.send(size: claim.payloadSize, from: member)
            let payload = group.ledger.payload(sequence, of: member)
            payload.withUnsafeBytes { fabric.region.write($0, at: claim.payload(index, in: ring).lowerBound) }
        }
        claims.commit(claim)
    }

    // MARK: - Steps

    /// Gives rounds to what was committed: how many messages that were, nil if nothing was committed or abandoned.
    func send() -> Int? {
        claims.settle(multicast.takeProgress())
        claimForWaiting()
        claims.take(into: &commits)
        guard !commits.isEmpty else { return nil }
        if !rules.contains(.claimOrder) { commits.sort { $0.claim.isBefore($1.claim) } }
        let before = sentCount
        for commit in commits {
            if !multicast.send(commit) { multicast.sendLate(commit, from: &claims) }
            if !commit.isAbandoned { sentCount += commit.claim.count }
        }
        commits.removeAll()
        hasCommitted = true
        return sentCount - before
    }

    /// Looks at what has arrived and pushes what has changed: the bytes pushed, nil if there was nothing.
    func publish() -> Int? {
        // As on a poller, a turn that would find nothing ends at once.
        guard hasCommitted || multicast.hasNews else { return nil }
        hasCommitted = false
        multicast.observe()
        var ranges: [Range<Int>] = []
        let publication = multicast.publish { ranges.append($0) }
        guard let line = ranges.last else { return nil }
        let pushesRingFirst = rules.contains(.pushOrder)
        if !pushesRingFirst { fabric.push(line, to: others) }
        for range in ranges.dropLast() { fabric.push(range, to: others) }
        group.notePushed(below: sentCount, of: member, postedCounts: fabric.postedCounts)
        if pushesRingFirst { fabric.push(line, to: others) }
        fabric.notify(others, of: group.number) {
            publication == .news || rules.contains(.wake) && multicast.completesStability()
        }
        return ranges.reduce(0) { $0 + $1.count }
    }

    var owesRelease: Bool { multicast.owesRelease }

    /// Delivers up to so many of the next messages, and returns them; none if there are none.
    func deliver(
        upTo count: Int, among fabrics: [SimulatedFabric]
    ) throws(Violation) -> [SimulatedDelivery] {
        var deliveries: [SimulatedDelivery] = []
        do {
            let room = UnsafeMutableBufferPointer(rebasing: messages[..<min(count, messages.count)])
            for index in 0..<(try multicast.take(into: room)) {
                deliveries.append(try group.note(messages[index], at: member, of: fabrics))
            }
            return deliveries
        } catch let error as ProtocolError {
            let sentence = "Member \(member) cannot read what it received: \(error)"
            throw Violation(.integrity, sentence).inGroup(group.number)
        } catch let violation as Violation {
            throw violation.inGroup(group.number)
        } catch {
            preconditionFailure("only the protocol or a checker may stop a delivery: \(error)")
        }
    }
}
