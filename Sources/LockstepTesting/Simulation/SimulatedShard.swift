import LockstepFabric
import LockstepProtocol

/// One member of one group: what a poller keeps for it, and the steps that it takes in a turn.
package final class SimulatedShard {
    let group: SimulatedGroup
    /// Its place among the members.
    let member: Int
    private let others: PeerSet
    private let pushesRingFirst: Bool
    private var multicast: OrderedMulticast
    /// Messages that wait for room in the ring are those from here on.
    private var appendedCount = 0
    private var queuedCount = 0

    /// A step of a turn; a turn takes them in this order.
    enum Step: CaseIterable {
        case append, publish, deliver
    }

    init(group: SimulatedGroup, member: Int, fabric: SimulatedFabric, rules: Rules) {
        self.group = group
        self.member = member
        let scenario = group.scenario
        let layout = ShardLayout(view: scenario.view, members: scenario.members, me: member)
        others = layout.others
        pushesRingFirst = rules.contains(.pushOrder)
        multicast = OrderedMulticast(
            layout: layout, region: fabric.region,
            mirrors: scenario.members.map { fabric.mirror(of: $0.peer) },
            rules: rules, nullWindow: scenario.nullWindow
        )
    }

    /// The program at this node calls: its messages wait for the poller.
    func queue(sizes: [Int]) {
        for size in sizes { _ = group.send(size: size, from: member) }
        queuedCount += sizes.count
    }

    /// Gives the queued messages to the multicast, in order, until it is full: how many it took.
    func append() -> Int {
        let before = appendedCount
        while appendedCount < queuedCount {
            let payload = group.ledger.payload(appendedCount, of: member)
            guard payload.withUnsafeBytes({ multicast.append($0) }) else { break }
            appendedCount += 1
        }
        return appendedCount - before
    }

    /// Looks at what has arrived and pushes what has changed: the bytes pushed, nil if there was nothing.
    func publish(on fabric: SimulatedFabric) -> Int? {
        multicast.observe()
        let publication = multicast.publish()
        guard let line = publication.line else { return nil }
        if !pushesRingFirst { fabric.push(line, to: others, waking: true) }
        for range in publication.ring { fabric.push(range, to: others, waking: false) }
        group.notePushed(below: appendedCount, of: member, postedCounts: fabric.postedCounts)
        if pushesRingFirst { fabric.push(line, to: others, waking: true) }
        return publication.ring.reduce(line.count) { $0 + $1.count }
    }

    /// Delivers the next stable message, if there is one.
    func deliver(among fabrics: [SimulatedFabric]) throws(Violation) -> SimulatedDelivery? {
        do {
            guard let message = try multicast.next() else { return nil }
            return try group.note(message, at: member, of: fabrics)
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
