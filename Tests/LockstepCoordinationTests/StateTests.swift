import Testing

@testable import LockstepCoordination

private func party(_ number: UInt64, of owner: UInt64 = 0) -> Party {
    Party(ticket: Ticket(client: 0, number: number), owner: .member(owner))
}

@Suite("The state of gates, barriers and queues")
struct StateTests {
    private func gate(_ capacity: Int, _ weights: [Int]) -> Gate {
        var gate = Gate(capacity: capacity)
        for (number, weight) in weights.enumerated() {
            gate.add(Gate.Claim(party: party(UInt64(number), of: UInt64(number % 2)), weight: weight, label: nil))
        }
        return gate
    }

    private func numbers(_ claims: [Gate.Claim]) -> [UInt64] { claims.map(\.party.ticket.number) }

    @Test func gatesLetInAsManyAsThereIsRoomForInOrder() {
        var gate = gate(3, [1, 3, 1, 2])
        var admitted = gate.admit(token: 1)
        #expect(numbers(admitted) == [0])
        // The third would fit, and waits behind the second.
        admitted = gate.admit(token: 2)
        #expect(numbers(admitted) == [])
        var isFound = gate.remove(party(0).ticket)
        admitted = gate.admit(token: 3)
        #expect(isFound && numbers(admitted) == [1])
        isFound = gate.remove(party(1).ticket)
        admitted = gate.admit(token: 4)
        #expect(isFound && numbers(admitted) == [2, 3])
        #expect(gate.holds.map(\.token) == [4, 4])
        isFound = gate.remove { _ in true }
        #expect(isFound && gate.isIdle)
        isFound = gate.remove(party(1).ticket)
        #expect(!isFound)
    }

    @Test func gatesForgetWhoWaitsAndWhoIsIn() {
        var gate = gate(2, [2, 1, 2, 1])
        _ = gate.admit(token: 1)
        var isFound = gate.remove(party(2).ticket)
        #expect(isFound)
        isFound = gate.remove { $0.owner == .member(0) }
        let admitted = gate.admit(token: 2)
        #expect(isFound && numbers(admitted) == [1, 3])
        isFound = gate.remove { $0.owner == .member(0) }
        #expect(!isFound)
    }

    @Test func barriersBreakOnlyForWhoIsLeft() {
        for breaks in [true, false] {
            var gathering = Gathering(parties: 3, breaks: breaks)
            gathering.add(party(1))
            gathering.add(party(2))
            var left = gathering.remove { $0.ticket.number == 9 }
            #expect(left == [])
            left = gathering.remove { $0.ticket.number == 1 }
            #expect(left == (breaks ? [party(2)] : []))
            #expect(gathering.arrived == (breaks ? [] : [party(2)]))
        }
    }

    @Test func doubleBarriersEndWithTheLastInside() {
        var assembly = Assembly(parties: 2)
        var told = assembly.enter(party(1)) + assembly.remove { $0 == party(1) }
        #expect(told == [] && assembly.isEmpty)
        told = assembly.enter(party(1))
        #expect(told == [])
        told = assembly.enter(party(2))
        #expect(told == [party(1), party(2)])
        told = assembly.leave(party(1).ticket, as: party(11))
        #expect(told == [])
        told = assembly.remove { $0 == party(2) }
        #expect(told == [party(11)] && assembly.isEmpty)
    }

    @Test func latchesLetGoWhoWaitedForAsMuchAsThereIs() {
        var latch = Latch()
        #expect(latch.isUnused)
        latch.wait(for: 3, party(1))
        latch.wait(for: 1, party(2))
        latch.wait(for: 2, party(3))
        latch.count(by: 2)
        var passing = latch.open()
        #expect(passing == [party(2), party(3)] && latch.waiting.map(\.party) == [party(1)])
        latch.remove { $0 == party(1) }
        latch.count(by: .max)
        passing = latch.open()
        #expect(passing == [] && latch.counted == .max)
        latch.reset()
        #expect(latch.isUnused)
    }

    @Test func queuesTakeBackInTheirOrder() {
        var queue = ItemQueue()
        for number in 1...3 { queue.offer(ItemQueue.Item(number: UInt64(number), bytes: [])) }
        queue.wait(party(1, of: 1))
        queue.wait(party(2, of: 2))
        let handed = queue.handOut()
        #expect(handed.map(\.item.number) == [1, 2])
        queue.finish(party(2).ticket)
        var isFound = queue.remove { $0.owner == .member(1) }
        #expect(isFound && queue.items.map(\.number) == [1, 3])
        isFound = queue.remove { $0.owner == .member(1) }
        #expect(!isFound)
    }
}
