/// A promise that was broken: which, by whom, and with which message.
package struct Violation: Error, Hashable, Sendable, CustomStringConvertible {
    /// What the ordered multicast promises, and with it the membership.
    package enum Property: String, CaseIterable, Sendable {
        case totalOrder = "total order"
        case senderOrder = "sender order"
        case integrity = "integrity"
        case stability = "stability"
        case completeness = "completeness"
        case rest = "rest"
        case oneView = "one view per number"
        case sameHistory = "the same messages between the same views"
        case exactlyOnce = "exactly once"
        case nothingLost = "nothing lost"
        case exclusion = "exclusion"
        case majority = "majority"
        case linearizability = "linearizability"
        case progress = "progress"
        case equalReplicas = "equal replicas"
        case holders = "no more holders than there is room for"
        case tokens = "tokens that grow"
        case generations = "all or none of a generation"
        case leaders = "one leader per term"
        case items = "each item to one consumer"
        case news = "the same news for all"
    }

    package let property: Property
    /// A sentence with the members and the message.
    package let sentence: String

    package init(_ property: Property, _ sentence: String) {
        self.property = property
        self.sentence = sentence
    }

    package var description: String { "\(property.rawValue) is violated: \(sentence)" }

    /// The same, of one group among several.
    func inGroup(_ number: Int) -> Violation { Violation(property, "In group \(number): \(sentence)") }
}

/// A message as one member delivered it.
package struct SimulatedDelivery: Hashable, Sendable, CustomStringConvertible {
    /// The sender's place among the members.
    package let sender: Int
    /// Its number among the sender's messages, from 0; nil if the sender never sent such bytes.
    package let sequence: Int?
    /// Its place in the total order.
    package let position: UInt64

    package init(sender: Int, sequence: Int?, position: UInt64) {
        self.sender = sender
        self.sequence = sequence
        self.position = position
    }

    package var description: String {
        let name = sequence.map { "message \($0)" } ?? "an unknown message"
        return "\(name) of member \(sender) at position \(position)"
    }
}

/// Something that a group's history must keep, watched delivery by delivery.
package protocol DeliveryChecker {
    /// Takes note of what a member delivers next.
    mutating func note(_ delivery: SimulatedDelivery, at member: Int) throws(Violation)
}

extension DeliveryChecker {
    /// Checks whole histories, one a member.
    package mutating func check(_ histories: [[SimulatedDelivery]]) throws(Violation) {
        for (member, history) in histories.enumerated() {
            for delivery in history { try note(delivery, at: member) }
        }
    }
}
