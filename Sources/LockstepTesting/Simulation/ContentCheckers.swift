/// What is delivered was sent, and its bytes are those that were sent.
package struct IntegrityChecker: DeliveryChecker {
    package init() {}

    package func note(_ delivery: SimulatedDelivery, at member: Int) throws(Violation) {
        guard delivery.sequence == nil else { return }
        throw Violation(
            .integrity,
            """
            Member \(member) delivered at position \(delivery.position) bytes that member \(delivery.sender) \
            never sent: a message was invented or damaged.
            """
        )
    }
}

/// A message is delivered only when every member has received it.
package struct StabilityChecker {
    private let memberCount: Int

    package init(memberCount: Int) { self.memberCount = memberCount }

    /// `holds` knows what really has arrived at a member by now.
    package func note(_ delivery: SimulatedDelivery, at member: Int, holds: (Int) -> Bool) throws(Violation) {
        guard let missing = (0..<memberCount).first(where: { !holds($0) }) else { return }
        throw Violation(
            .stability, "Member \(member) delivered \(delivery), which member \(missing) has not received."
        )
    }
}

/// In the end everything that was sent has been delivered everywhere.
package struct CompletenessChecker: DeliveryChecker {
    /// How many messages have been delivered, by member and sender.
    private var counts: [[Int]]

    package init(memberCount: Int) {
        counts = Array(repeating: Array(repeating: 0, count: memberCount), count: memberCount)
    }

    package mutating func note(_ delivery: SimulatedDelivery, at member: Int) throws(Violation) {
        counts[member][delivery.sender] += 1
    }

    /// To be called in the end, with how many messages each member wanted to send.
    package func finish(sent: [Int]) throws(Violation) {
        for member in counts.indices {
            for sender in sent.indices where counts[member][sender] < sent[sender] {
                throw Violation(
                    .completeness,
                    """
                    Member \(member) never delivered message \(counts[member][sender]) of member \(sender), \
                    which wanted to send \(sent[sender]).
                    """
                )
            }
        }
    }
}
