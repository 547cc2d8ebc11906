import LockstepTesting
import Testing

@testable import Lockstep

@Suite("A distributed property", .timeLimit(.minutes(1)))
struct DistributedPropertyTests {
    @Test func isAskedThroughTheHandle() async throws {
        try await withCluster(of: 2) { nodes in
            let ledgers = try await hostEverywhere("ledger", on: nodes) { Ledger(actorSystem: $0) }
            _ = try await ledgers[0].deposit(5, to: "x")
            _ = try await ledgers[1].deposit(2, to: "y")
            #expect(try await ledgers[0].total == 7)
            #expect(try await ledgers[1].total == 7)
            #expect(try await ledgers[0].group.status().updates == 2)
        }
    }

    @Test func isAskedThroughAReference() async throws {
        try await withCluster(of: 2) { nodes in
            let ledgers = try await hostEverywhere("ledger", on: nodes) { Ledger(actorSystem: $0) }
            _ = try await ledgers[0].deposit(5, to: "x")
            let reference = try Ledger.resolve(id: "ledger", using: nodes[1].actorSystem)
            #expect(try await reference.total == 5)
        }
    }

    @Test func mayThrow() async throws {
        try await withCluster(of: 1) { nodes in
            let ledger = try await nodes[0].host("ledger") { Ledger(actorSystem: $0) }
            await #expect(throws: Overdrawn(account: "entries", missing: 1)) { try await ledger.closing }
            _ = try await ledger.add(.closing, at: [:])
            #expect(try await ledger.closing == .closing)
            let reference = try Ledger.resolve(id: "ledger", using: nodes[0].actorSystem)
            #expect(try await reference.closing == .closing)
        }
    }
}
