import LockstepFabric
import LockstepProtocol

/// What is known of one group from outside: what was sent, what was delivered, and whether that is right.
package final class SimulatedGroup {
    package let number: Int
    package let scenario: Scenario.Group
    private(set) package var ledger: MessageLedger
    private(set) package var deliveryCount = 0

    private var deliveredCounts: [[Int]]
    private var totalOrder: TotalOrderChecker
    private var senderOrder: SenderOrderChecker
    private let integrity = IntegrityChecker()
    private let stability: StabilityChecker
    private var completeness: CompletenessChecker

    package init(number: Int, scenario: Scenario.Group) {
        let count = scenario.nodes.count
        self.number = number
        self.scenario = scenario
        ledger = MessageLedger(group: number, memberCount: count)
        deliveredCounts = Array(repeating: Array(repeating: 0, count: count), count: count)
        totalOrder = TotalOrderChecker(memberCount: count)
        senderOrder = SenderOrderChecker(memberCount: count)
        stability = StabilityChecker(memberCount: count)
        completeness = CompletenessChecker(memberCount: count)
    }

    package func send(size: Int, from member: Int) -> Int { ledger.add(size: size, sender: member) }

    package func notePushed(below count: Int, of member: Int, postedCounts: [Int]) {
        ledger.notePushed(below: count, of: member, postedCounts: postedCounts)
    }

    /// Checks a delivery against everything that happened before.
    package func note(
        _ message: OrderedMulticast.Message, at member: Int, of fabrics: [SimulatedFabric]
    ) throws(Violation) -> SimulatedDelivery {
        let delivery = identify(message, at: member)
        deliveryCount += 1
        try integrity.note(delivery, at: member)
        try senderOrder.note(delivery, at: member)
        if scenario.delivery == .total {
            try totalOrder.note(delivery, at: member)
            try stability.note(delivery, at: member) { holds($0, delivery, fabrics) }
        }
        try completeness.note(delivery, at: member)
        return delivery
    }

    /// Checks that nothing is missing in the end, and nobody waits for room any more.
    package func finish(isDone: Bool) throws(Violation) {
        try completeness.finish(sent: ledger.sentCounts)
        if !isDone { throw Violation(.completeness, "A program still waits for room in its ring.") }
    }

    private func identify(_ message: OrderedMulticast.Message, at member: Int) -> SimulatedDelivery {
        let expected = deliveredCounts[member][message.sender]
        deliveredCounts[member][message.sender] += 1
        let sequence = ledger.identify(message.payload, of: message.sender, expected: expected)
        return SimulatedDelivery(sender: message.sender, sequence: sequence, position: message.position)
    }

    /// True if a member has the bytes of a message, and has counted them.
    private func holds(_ member: Int, _ delivery: SimulatedDelivery, _ fabrics: [SimulatedFabric]) -> Bool {
        let fabric = fabrics[scenario.nodes[member]]
        let word = fabric.region.load(scenario.members[member].line + WireWord.receivedOffset)
        guard WireWord.count(in: word, view: scenario.view) ?? 0 > delivery.position else { return false }
        guard member != delivery.sender, let sequence = delivery.sequence else { return true }
        let needed = ledger.pushesNeeded(sequence, of: delivery.sender, at: fabric.me.index)
        return needed.map { fabric.arrivedCount(from: scenario.nodes[delivery.sender]) >= $0 } ?? false
    }
}
