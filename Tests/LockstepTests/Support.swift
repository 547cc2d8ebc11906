import Lockstep
import LockstepTesting
import Testing

/// Runs a test on three nodes that host a ledger.
func withLedgers(
    configure: @Sendable (inout NodeConfiguration) -> Void = { _ in },
    _ body: ([Ledger.Handle]) async throws -> Void
) async throws {
    try await withCluster(of: 3, configure: configure) { nodes in
        try await body(try await hostEverywhere("ledger", on: nodes) { Ledger(actorSystem: $0) })
    }
}

/// Notes `caller#number` from several tasks on every member.
func load(_ ledgers: [Ledger.Handle], callers: Int, calls: Int) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for (member, ledger) in ledgers.enumerated() {
            for caller in 0..<callers {
                group.addTask {
                    for call in 0..<calls { try await ledger.note("\(member).\(caller)#\(call)") }
                }
            }
        }
        try await group.waitForAll()
    }
}

/// A query at each member makes sure that it has executed everything; then the copies must be equal.
func expectEqualCopies(_ ledgers: [Ledger.Handle]) async throws {
    var statuses: [GroupStatus] = []
    for ledger in ledgers {
        _ = try await ledger.balance(of: "")
        statuses.append(try await ledger.group.status())
    }
    #expect(Set(statuses.map(\.stateHash)).count == 1)
    #expect(Set(statuses.map(\.updates)).count == 1)
}

/// The code of the error that something throws, and that it says something.
func code(of body: () async throws -> Void) async -> LockstepError.Code? {
    do {
        try await body()
        return nil
    } catch let error as LockstepError {
        #expect(error.message.count > 20)
        return error.code
    } catch {
        Issue.record("not a LockstepError: \(error)")
        return nil
    }
}
