import Lockstep
import LockstepTesting
import Testing

/// Rolls dice, and notes what its context says.
@Replicated
distributed actor Dice {
    struct Note: Codable, Sendable, Hashable {
        let number: Int
        let id: UniqueID
        let time: Timestamp
        let version: UInt64
        let caller: String
    }

    private var notes: [Note] = []

    distributed func roll() -> Note {
        let note = Note(
            number: Int.random(in: 1...1_000_000, using: &context.random), id: context.uniqueID(), time: context.now,
            version: context.version, caller: context.caller.name
        )
        notes.append(note)
        return note
    }

    @Query
    distributed func all() -> [Note] { notes }

    @Query
    distributed func last() -> UInt64 { context.version }
}

@Suite("The context of an update", .timeLimit(.minutes(1)))
struct UpdateContextTests {
    @Test func isTheSameOnEveryReplica() async throws {
        try await withDice { dice in
            var rolled: [Dice.Note] = []
            for call in 0..<60 { rolled.append(try await dice[call % 3].roll()) }
            for handle in dice { #expect(try await handle.all() == rolled) }
            #expect(Set(rolled.map(\.number)).count > 50 && Set(rolled.map(\.id)).count == 60)
            #expect(rolled.map(\.version) == Array(1...60))
            #expect(rolled.prefix(3).map(\.caller) == ["a", "b", "c"])
            #expect(zip(rolled, rolled.dropFirst()).allSatisfy { $0.time <= $1.time })
            #expect(try await dice[1].last() == 60)
            let hashes = try await [dice[0].group.status().stateHash, dice[2].group.status().stateHash]
            #expect(hashes[0] == hashes[1])
        }
    }

    @Test func givesIdentifiersInTheFormOfUUIDs() async throws {
        try await withDice { dice in
            for _ in 0..<20 {
                let id = try await dice[0].roll().id.description
                #expect(id.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
            }
        }
    }

    private func withDice(_ body: ([Dice.Handle]) async throws -> Void) async throws {
        try await withCluster(of: 3) { nodes in
            try await body(try await hostEverywhere("dice", on: nodes) { Dice(actorSystem: $0) })
        }
    }
}
