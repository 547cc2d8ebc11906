import LockstepTesting
import Synchronization
import Testing

@testable import Lockstep

/// Its state is all there is, but for what one switch makes of it.
@Replicated
distributed actor Memory {
    private var values: [String: [Int]] = [:]
    private var last: UniqueID?
    private var draws = 0
    @Local private var hits = 0

    distributed func add(_ value: Int, to name: String) -> Int {
        values[name, default: []].append(value)
        last = context.uniqueID()
        draws = Int.random(in: 0...1000, using: &context.random)
        hits += 1
        return values[name, default: []].count
    }

    /// What is local must not decide.
    distributed func leak() { draws = hits }
}

@Suite("The check of determinism", .timeLimit(.minutes(1)))
struct DeterminismTests {
    @Test func isContentWithWhatDependsOnTheStateAlone() async throws {
        try await checkDeterminism(of: { Memory(actorSystem: $0) }) { memory in
            for value in 0..<100 { _ = try await memory.add(value, to: "name \(value % 5)") }
        }
    }

    @Test func findsWhatASnapshotDoesNotHold() async throws {
        let error = await #expect(throws: DeterminismError.self) {
            try await checkDeterminism(of: { Memory(actorSystem: $0) }) { memory in
                for value in 0..<50 {
                    _ = try await memory.add(value, to: "x")
                    try await memory.leak()
                }
            }
        }
        #expect(error?.description.contains("\"draws\"") == true, "\(String(describing: error))")
    }

    @Test func passesOnWhatTheHistoryThrows() async throws {
        await #expect(throws: CancellationError.self) {
            try await checkDeterminism(of: { Memory(actorSystem: $0) }) { _ in throw CancellationError() }
        }
    }
}
