import Lockstep
import LockstepTesting
import Testing

@Suite("A raw group that is used wrongly is a thrown error", .timeLimit(.minutes(2)))
struct RawGroupErrorTests {
    @Test(arguments: [0, 1, 2048, 5000, -4096, 1 << 31])
    func aRingOfAWrongSizeIsRefused(ringBytes: Int) async throws {
        var options = GroupOptions()
        options.ringBytes = ringBytes
        try await withCluster(of: 1) { [options] nodes in
            let raw = await code { _ = try await nodes[0].hostRaw("tape", options: options) { Tape() } }
            #expect(raw == .invalidConfiguration)
            let typed = await code {
                _ = try await nodes[0].host("ledger", options: options) { Ledger(actorSystem: $0) }
            }
            #expect(typed == .invalidConfiguration)
        }
    }

    @Test func aWrongNameIsRefused() async throws {
        try await withCluster(of: 1) { nodes in
            for name in ["", "lockstep.x", String(repeating: "x", count: 129)] {
                let refused = await code { _ = try await nodes[0].hostRaw(GroupID(name)) { Tape() } }
                #expect(refused == .invalidConfiguration)
            }
        }
    }

    @Test func membersMayHaveRingsOfDifferentSizes() async throws {
        try await withCluster(of: 3) { nodes in
            let tapes = try await hostTapes(on: nodes) { place in
                var options = GroupOptions()
                options.ringBytes = 4096 << place
                return options
            }
            #expect(tapes.map(\.byteCountMax) == [1008, 2032, 4080])
            for number in 0..<300 { try await tapes[number % 3].post(number: number, byteCount: 1000) }
            let order = try await tapes[0].entries(atLeast: 300)
            for tape in tapes { #expect(try await tape.entries(atLeast: 300) == order) }
        }
    }

    @Test func aMessageThatIsTooLongIsRefusedAndTheNextOnePasses() async throws {
        try await withTapes(of: 2, ringBytes: 4096) { _, tapes in
            #expect(await code { try await tapes[0].post(number: 1, byteCount: 1009) } == .messageTooLarge)
            #expect(await code { try await tapes[0].send(byteCount: .max) { _ in } } == .messageTooLarge)
            let batch = await code { try await tapes[0].post(upTo: 2, byteCount: 1 << 20) { _, _ in } }
            #expect(batch == .messageTooLarge)
            try await tapes[0].post(number: 2, byteCount: 1008)
            #expect(try await tapes[1].numbers(atLeast: 1) == [2])
        }
    }

    @Test func hostingTwiceIsRefusedWhateverTheKind() async throws {
        try await withCluster(of: 1) { nodes in
            let tape = try await nodes[0].hostRaw("tape") { Tape() }
            _ = try await nodes[0].host("ledger") { Ledger(actorSystem: $0) }
            let twice = await code { _ = try await nodes[0].hostRaw("tape") { Tape() } }
            let typed = await code { _ = try await nodes[0].host("tape") { Ledger(actorSystem: $0) } }
            let raw = await code { _ = try await nodes[0].hostRaw("ledger") { Tape() } }
            #expect([twice, typed, raw] == [.groupHostedTwice, .groupHostedTwice, .groupHostedTwice])
            try await tape.post(number: 1)
            #expect(try await tape.numbers(atLeast: 1) == [1])
        }
    }

    @Test func membersMustHostTheSameKind() async throws {
        try await withCluster(of: 2) { nodes in
            let first = try await nodes[0].hostRaw("tape") { Tape() }
            let typed = await code { _ = try await nodes[1].host("tape") { Ledger(actorSystem: $0) } }
            let unordered = await code { _ = try await nodes[1].hostRaw("tape", order: .senders) { Tape() } }
            #expect([typed, unordered] == [.schemaMismatch, .schemaMismatch])
            let second = try await nodes[1].hostRaw("tape") { Tape() }
            try await first.post(number: 1)
            #expect(try await second.numbers(atLeast: 1) == [1])
        }
    }

    @Test func aRawGroupHasNoActor() async throws {
        try await withTapes(of: 1) { nodes, _ in
            let refused = await code { _ = try Ledger.resolve(id: "tape", using: nodes[0].actorSystem) }
            #expect(refused == .schemaMismatch)
        }
    }

    @Test func waitingForMembersInVainNamesThem() async throws {
        try await withCluster(of: 3, configure: { $0.callTimeout = .milliseconds(200) }) { nodes in
            let tape = try await nodes[1].hostRaw("tape") { Tape() }
            do {
                try await tape.post(number: 1)
                Issue.record("posted without the others")
            } catch let error as LockstepError {
                #expect(error.code == .groupNotActive)
                #expect(error.message.contains("a, c"))
            }
        }
    }

    @Test func whatComesAfterTheEndIsRefused() async throws {
        try await withTapes(of: 2) { nodes, tapes in
            await nodes[0].leave()
            #expect(await code { try await tapes[0].post(number: 1) } == .notMember)
            #expect(await code { _ = try await tapes[0].entries() } == .notMember)
            #expect(await code { _ = try await tapes[0].status() } == .notMember)
            try await tapes[1].send(byteCount: 0) { _ in }
        }
    }
}
