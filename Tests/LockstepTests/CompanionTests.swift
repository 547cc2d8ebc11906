import Lockstep
import LockstepTesting
import Testing

@Suite("What libraries keep with a node", .timeLimit(.minutes(2)))
struct CompanionTests {
    private struct Failure: Error {}

    private actor Made {
        private(set) var count = 0

        func next() -> Int {
            count += 1
            return count
        }
    }

    @Test func isMadeOnce() async throws {
        try await withCluster(of: 1) { nodes in
            let (node, made) = (nodes[0], Made())
            let values = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 { group.addTask { try await node.companion { _ in await made.next() } } }
                return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
            }
            #expect(values == [1])
            let name = try await node.companion { $0.configuration.name }
            #expect(name == "a")
        }
    }

    @Test func isTriedAgain() async throws {
        try await withCluster(of: 1) { nodes in
            await #expect(throws: Failure.self) { () -> Int in try await nodes[0].companion { _ in throw Failure() } }
            let value = try await nodes[0].companion { _ in 5 }
            #expect(value == 5)
        }
    }
}
