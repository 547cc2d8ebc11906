import Lockstep
import LockstepTesting
import Testing

@Suite("Many groups of one node", .timeLimit(.minutes(2)))
struct ManyGroupsTests {
    @Test func aBusyOneDisturbsNoneOfTheIdle() async throws {
        try await withCluster(of: 2, configure: { $0.ringBytes = 4096 }) { nodes in
            var idle: [[RawGroup<Tape>]] = []
            for number in 0..<200 { idle.append(try await hostTapes(GroupID("idle-\(number)"), on: nodes)) }
            let busy = try await hostTapes("busy", on: nodes)
            async let load: Void = post(5000, to: busy[0])
            for (number, tapes) in idle.enumerated() where number % 10 == 0 {
                try await tapes[number / 10 % 2].post(number: number)
            }
            try await load
            #expect(try await busy[1].numbers(atLeast: 5000) == Array(0..<5000))
            for (number, tapes) in idle.enumerated() {
                let expected = number % 10 == 0 ? [number] : []
                for tape in tapes { #expect(try await tape.numbers(atLeast: expected.count) == expected) }
            }
        }
    }

    private func post(_ count: Int, to tape: RawGroup<Tape>) async throws {
        for number in 0..<count { try await tape.post(number: number, byteCount: 40) }
    }

    @Test func allAreServed() async throws {
        try await withCluster(of: 2, configure: { $0.ringBytes = 4096 }) { nodes in
            var groups: [[RawGroup<Tape>]] = []
            for number in 0..<50 { groups.append(try await hostTapes(GroupID("group-\(number)"), on: nodes)) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, tapes) in groups.enumerated() {
                    group.addTask {
                        for call in 0..<50 { try await tapes[(number + call) % 2].post(number: call, byteCount: 200) }
                    }
                }
                try await group.waitForAll()
            }
            for tapes in groups {
                let order = try await tapes[0].entries(atLeast: 50)
                #expect(Set(order.map(\.number)) == Set(0..<50))
                #expect(try await tapes[1].entries(atLeast: 50) == order)
            }
        }
    }
}
