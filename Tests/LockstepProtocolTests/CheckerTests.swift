import LockstepTesting
import Testing

@Suite("A checker")
struct CheckerTests {
    /// Two senders that take turns.
    private let good = [delivery(0, 0, at: 0), delivery(1, 0, at: 1), delivery(0, 1, at: 2)]

    @Test("is content with histories of which one begins with the other")
    func goodHistories() throws {
        var order = TotalOrderChecker(memberCount: 2)
        try order.check([good, Array(good.prefix(2))])
        var senders = SenderOrderChecker(memberCount: 2)
        try senders.check([good, Array(good.prefix(2))])
        var completeness = CompletenessChecker(memberCount: 2)
        try completeness.check([good, good])
        try completeness.finish(sent: [2, 1])
    }

    @Test("finds two members that disagree on the order")
    func differentOrder() {
        let violation = #expect(throws: Violation.self) {
            var checker = TotalOrderChecker(memberCount: 2)
            try checker.check([good, [good[0], good[2]]])
        }
        #expect(violation?.property == .totalOrder)
        #expect(violation?.sentence.contains("message 1 of member 0 at position 2 at member 1") == true)
    }

    @Test("finds a message at two positions")
    func differentPosition() {
        #expect(throws: Violation.self) {
            var checker = TotalOrderChecker(memberCount: 2)
            try checker.check([good, [delivery(0, 0, at: 5)]])
        }
    }

    @Test("finds positions that fall, even if all members agree")
    func fallingPositions() {
        let violation = #expect(throws: Violation.self) {
            var checker = TotalOrderChecker(memberCount: 2)
            try checker.check([[good[1], good[0]], [good[1], good[0]]])
        }
        #expect(violation?.property == .totalOrder)
    }

    @Test("finds a message delivered twice")
    func twice() {
        let violation = #expect(throws: Violation.self) {
            var checker = SenderOrderChecker(memberCount: 2)
            try checker.check([[good[0], delivery(0, 0, at: 2)]])
        }
        let sentence = "Member 0 delivered message 0 of member 0 at position 2 again or too late."
        #expect(violation?.sentence == sentence)
    }

    @Test("finds a gap")
    func gap() {
        let violation = #expect(throws: Violation.self) {
            var checker = SenderOrderChecker(memberCount: 2)
            try checker.check([[good[0], delivery(0, 2, at: 4)]])
        }
        #expect(violation?.property == .senderOrder)
        #expect(violation?.sentence.hasSuffix("but not message 1.") == true)
    }

    @Test("finds bytes that nobody sent")
    func invented() {
        let violation = #expect(throws: Violation.self) {
            try IntegrityChecker().note(delivery(1, nil, at: 3), at: 0)
        }
        #expect(violation?.property == .integrity)
        #expect(violation?.sentence.contains("member 1 never sent") == true)
    }

    @Test("finds a delivery that a member could not have answered for")
    func unstable() throws {
        let checker = StabilityChecker(memberCount: 3)
        try checker.note(good[0], at: 0) { _ in true }
        let violation = #expect(throws: Violation.self) { try checker.note(good[0], at: 0) { $0 != 2 } }
        #expect(violation?.property == .stability)
        #expect(violation?.sentence.hasSuffix("which member 2 has not received.") == true)
    }

    @Test("finds what is missing in the end")
    func missing() throws {
        var checker = CompletenessChecker(memberCount: 2)
        try checker.check([good, Array(good.prefix(2))])
        let violation = #expect(throws: Violation.self) { try checker.finish(sent: [2, 1]) }
        #expect(violation?.property == .completeness)
        #expect(violation?.sentence.contains("Member 1 never delivered message 1 of member 0") == true)
    }
}

private func delivery(_ sender: Int, _ sequence: Int?, at position: UInt64) -> SimulatedDelivery {
    SimulatedDelivery(sender: sender, sequence: sequence, position: position)
}
