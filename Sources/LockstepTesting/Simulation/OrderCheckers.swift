/// All members deliver the same messages in the same order: at any time, of two histories one begins with
/// the other.
package struct TotalOrderChecker: DeliveryChecker {
    /// The longest history so far; all others must be how it begins.
    private var longest: [SimulatedDelivery] = []
    private var longestMember = 0
    private var counts: [Int]

    package init(memberCount: Int) { counts = Array(repeating: 0, count: memberCount) }

    package mutating func note(_ delivery: SimulatedDelivery, at member: Int) throws(Violation) {
        let index = counts[member]
        counts[member] += 1
        guard index == longest.count else { return try compare(delivery, index, member) }
        if let last = longest.last, last.position >= delivery.position {
            throw Violation(.totalOrder, "Member \(member) delivered \(delivery), after \(last).")
        }
        longest.append(delivery)
        longestMember = member
    }

    private func compare(_ delivery: SimulatedDelivery, _ index: Int, _ member: Int) throws(Violation) {
        guard delivery != longest[index] else { return }
        throw Violation(
            .totalOrder,
            """
            Delivery \(index) is \(delivery) at member \(member), but \(longest[index]) at others, \
            the last of them member \(longestMember).
            """
        )
    }
}

/// Each sender's messages are delivered in the order in which it sent them, without a gap, and none of them
/// twice.
package struct SenderOrderChecker: DeliveryChecker {
    /// The sender's next message, by member and sender.
    private var next: [[Int]]

    package init(memberCount: Int) {
        next = Array(repeating: Array(repeating: 0, count: memberCount), count: memberCount)
    }

    package mutating func note(_ delivery: SimulatedDelivery, at member: Int) throws(Violation) {
        guard let sequence = delivery.sequence else { return }
        let expected = next[member][delivery.sender]
        next[member][delivery.sender] = sequence + 1
        if sequence < expected {
            throw Violation(.senderOrder, "Member \(member) delivered \(delivery) again or too late.")
        }
        if sequence > expected {
            throw Violation(
                .senderOrder, "Member \(member) delivered \(delivery), but not message \(expected)."
            )
        }
    }
}
