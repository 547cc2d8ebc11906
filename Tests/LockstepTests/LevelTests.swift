import LockstepTesting
import Testing

@testable import Lockstep

/// One actor in two releases, the second of which counts pieces and not dozens.
private enum First {
    @Replicated
    distributed actor Shop {
        private var dozens = 0
        private var levels: [UInt64: Int] = [:]

        distributed func receive(dozens count: Int) {
            dozens += count
            if levels.values.max() != context.level { levels[context.version] = context.level }
        }

        /// By the first update of each.
        @Query distributed var past: [UInt64: Int] { levels }
        @Query distributed var stock: Int { dozens * 12 }
    }
}

private enum Second {
    @Replicated(level: 2)
    distributed actor Shop {
        private var pieces = 0
        private var levels: [UInt64: Int] = [:]

        @Migration(to: 2)
        private static func piecesForDozens(_ state: inout SavedState) throws {
            try state.write((state.read("dozens") ?? 0) * 12, named: "pieces")
        }

        distributed func receive(dozens count: Int) {
            pieces += count * 12
            if levels.values.max() != context.level { levels[context.version] = context.level }
        }

        @Since(2) distributed func ship(_ count: Int) { pieces -= count }

        /// By the first update of each.
        @Query distributed var past: [UInt64: Int] { levels }
        @Query distributed var stock: Int { pieces }
        @Since(2) @Query distributed func isEmpty() -> Bool { pieces == 0 }
        @Query distributed func level() -> Int { context.level }
    }
}

@Suite("A group whose members run several releases", .timeLimit(.minutes(2)))
struct LevelTests {
    private let cluster = TestCluster(size: 2)

    private func hostFirst(on nodes: [Node]) async throws -> [First.Shop.Handle] {
        try await hostEverywhere("shop", on: nodes) { First.Shop(actorSystem: $0) }
    }

    private func hostSecond(on node: Node) async throws -> Second.Shop.Handle {
        try await node.host("shop") { Second.Shop(actorSystem: $0) }
    }

    private func expectNotYet(_ call: () async throws -> Void) async {
        let error = await #expect(throws: LockstepError.self) { try await call() }
        #expect(error?.code == .notYet)
        #expect(error?.message.contains("cannot be called yet, and was not: ") == true)
    }

    @Test func isAtTheLevelOfTheOldestUntilItIsGone() async throws {
        let old = try await cluster.found()
        let first = try await hostFirst(on: old)
        try await first[0].receive(dozens: 2)
        let node = try await cluster.join("c")
        let shop = try await hostSecond(on: node)
        try await shop.receive(dozens: 1)

        #expect(try await shop.stock == 36)
        #expect(try await first[1].stock == 36)
        #expect(try await shop.level() == 1)
        #expect(try await shop.group.status().level == 1)
        await expectNotYet { try await shop.ship(6) }
        await expectNotYet { _ = try await shop.isEmpty() }
        await expectNotYet { _ = try await Second.Shop.resolve(id: "shop", using: node.actorSystem).isEmpty() }

        await leave(old)
        _ = try await node.view { $0.members.count == 1 }
        #expect(try await shop.level() == 2)
        #expect(try await shop.group.status().level == 2)
        try await shop.ship(6)
        try await shop.receive(dozens: 0)
        #expect(try await shop.stock == 30)
        #expect(try await !shop.isEmpty())
        #expect(try await shop.past == [1: 1, 4: 2])
        await leave([node])
    }

    @Test func takesNobodyOfALowerLevelAnyMore() async throws {
        let nodes = try await cluster.found()
        let shops = try await hostEverywhere("shop", on: nodes) { Second.Shop(actorSystem: $0) }
        try await shops[0].receive(dozens: 1)
        let late = try await cluster.join("c")
        let error = await #expect(throws: LockstepError.self) { try await hostFirst(on: [late]) }
        #expect(error?.code == .schemaMismatch)
        #expect(error?.message.contains("they are at level 2, and Shop is of level 1 on c") == true)

        let same = try await hostSecond(on: late)
        #expect(try await same.stock == 12)
        #expect(try await same.past == [1: 2])
        await leave(nodes + [late])
    }

    /// Calls on their way when the level rises are each of one level, on every replica.
    @Test func risesBetweenTheSameTwoUpdatesOnEveryReplica() async throws {
        let old = try await cluster.found()
        _ = try await hostFirst(on: old)
        let new = [try await cluster.join("c"), try await cluster.join("d")]
        let shops = try await hostEverywhere("shop", on: new) { Second.Shop(actorSystem: $0) }
        // They have the state from then on.
        for shop in shops { try await shop.receive(dozens: 1) }

        try await withThrowingTaskGroup(of: Void.self) { group in
            for shop in shops {
                group.addTask {
                    repeat { try await shop.receive(dozens: 1) } while try await shop.past.count == 1
                }
            }
            await leave(old)
            try await group.waitForAll()
        }

        let past = try await shops[0].past
        #expect(Set(past.values) == [1, 2])
        #expect(try await shops[1].past == past)
        #expect(try await shops[0].group.status().stateHash == shops[1].group.status().stateHash)
        await leave(new)
    }
}
