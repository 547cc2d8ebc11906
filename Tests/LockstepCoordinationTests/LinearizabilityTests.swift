import LockstepTesting
import Testing

@testable import Lockstep
@testable import LockstepCoordination

@Suite("Histories of what members share", .timeLimit(.minutes(2)))
struct HistoryTests {
    /// Runs tasks on three members, of which one dies in the middle: first it is said which tasks are about to.
    private func withDeath(
        _ body: @escaping @Sendable (Coordination, _ client: Int, _ step: Int) async throws -> Void,
        dying: @escaping @Sendable (_ client: Int) -> Void
    ) async throws {
        try await withCoordinations(of: 3) { coordinations, nodes in
            let steps = Shared(0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in 0..<9 {
                    group.addTask {
                        do {
                            for step in 0..<30 {
                                try await body(coordinations[client % 3], client, step)
                                steps.withLock { $0 += 1 }
                            }
                        } catch {
                            guard client % 3 == 2 else { throw error }
                        }
                    }
                }
                group.addTask {
                    while steps.withLock({ $0 < 60 }) { await Task.yield() }
                    for client in stride(from: 2, to: 9, by: 3) { dying(client) }
                    await nodes[2].membership.leave(isAbrupt: true)
                    await nodes[2].leave()
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func ofLocksAreLinearizable() async throws {
        let history = History<LockModel>()
        try await withDeath { coordination, client, _ in
            let lock = coordination.lock("x")
            let hold = try await lockHold(lock, client, history)
            await Task.yield()
            try await history.record(.release(client)) {
                await hold.release()
                return 0
            }
        } dying: { client in
            // What it holds then is taken from it, once and at any time.
            history.expect(.release(client))
        }
        #expect(history.operations.count > 300)
        try checkLinearizability(of: history.operations, against: LockModel())
    }

    private func lockHold(_ lock: Lock, _ client: Int, _ history: History<LockModel>) async throws -> Hold {
        let hold = Shared<Hold?>(nil)
        try await history.record(.acquire(client)) {
            let acquired = try await lock.acquire()
            hold.withLock { $0 = acquired }
            return acquired.token.value
        }
        return try #require(hold.withLock { $0 })
    }

    @Test func ofRegistersAreLinearizable() async throws {
        let history = History<VersionedModel>()
        try await withDeath { coordination, client, step in
            let key = "r\(step % 3)"
            let register = coordination.register(key, of: UInt64.self)
            let found = try await history.record(.get(key)) {
                let found = try await register.get()
                return VersionedModel.Output(value: found?.value ?? 0, version: found?.version ?? 0)
            }
            // No other step of any client puts this.
            let value = UInt64(client * 1000 + step + 1)
            try await history.record(.put(key, value, replacing: found.version)) {
                VersionedModel.Output(
                    value: value, version: try await register.set(value, replacing: found.version ?? 0))
            }
        } dying: { _ in
        }
        #expect(history.operations.count > 300)
        try checkLinearizability(of: history.operations, against: VersionedModel(), partitionedBy: \.key)
    }

    /// The check itself must notice a lock that two have.
    @Test func wouldNotBeWithTwoHolders() {
        let operations: [Operation<LockModel.Input, UInt64>] = [
            Operation(.acquire(1), 5, at: 1...2), Operation(.acquire(2), 6, at: 3...4),
            Operation(.release(1), 0, at: 5...6),
        ]
        #expect(throws: LinearizabilityError.self) { try checkLinearizability(of: operations, against: LockModel()) }
        let backwards: [Operation<LockModel.Input, UInt64>] = [
            Operation(.acquire(1), 5, at: 1...2), Operation(.release(1), 0, at: 3...4),
            Operation(.acquire(2), 4, at: 5...6),
        ]
        #expect(throws: LinearizabilityError.self) { try checkLinearizability(of: backwards, against: LockModel()) }
    }
}
