import LockstepTesting
import Testing

@testable import Lockstep

/// One actor in three releases.
private enum First {
    @Replicated
    distributed actor Shop {
        private var stock = 0

        distributed func receive(_ quantity: Int) -> Int {
            stock += quantity
            return stock
        }
    }
}

private enum Second {
    @Replicated
    distributed actor Shop {
        private var stock = 0

        distributed func receive(_ quantity: Int) -> Int {
            stock += quantity
            return stock
        }

        distributed func ship(_ quantity: Int) { stock -= quantity }

        @Query
        distributed func count() -> Int { stock }
    }
}

private enum Renamed {
    @Replicated
    distributed actor Shop {
        @Renamed(from: "stock") private var pieces = 0

        @Renamed(from: "receive(_:)")
        distributed func take(_ quantity: Int) -> Int {
            pieces += quantity
            return pieces
        }

        @Renamed(from: "count") distributed var total: Int { pieces }
    }
}

private enum Wrong {
    @Replicated
    distributed actor Shop {
        private var stock = ""

        distributed func receive(_ quantity: String) -> Int {
            stock += quantity
            return stock.count
        }
    }
}

@Suite("Members with different releases of an actor", .timeLimit(.minutes(1)))
struct EvolutionTests {
    @Test func callWhatAllHave() async throws {
        try await withCluster(of: 2) { nodes in
            let first = try await nodes[0].host("shop") { First.Shop(actorSystem: $0) }
            let second = try await nodes[1].host("shop") { Second.Shop(actorSystem: $0) }
            #expect(try await first.receive(2) == 2)
            #expect(try await second.receive(3) == 5)
            // This node's own replica answers.
            #expect(try await second.count() == 5)
            let error = await #expect(throws: LockstepError.self) { try await second.ship(1) }
            #expect(error?.code == .notYet)
            #expect(error?.message.contains("\"ship(_:)\" cannot be called yet, and was not: a runs") == true)
            #expect(try await first.receive(1) == 6)
        }
    }

    @Test func callEverythingWhenAllHaveIt() async throws {
        try await withCluster(of: 2) { nodes in
            let shops = try await hostEverywhere("shop", on: nodes) { Second.Shop(actorSystem: $0) }
            _ = try await shops[0].receive(5)
            try await shops[1].ship(2)
            #expect(try await shops[0].count() == 3)
        }
    }

    /// A call that was made before it was known what all have.
    @Test func hearItAlsoIfTheyHadToWait() async throws {
        try await withCluster(of: 2) { nodes in
            let second = try await nodes[0].host("shop") { Second.Shop(actorSystem: $0) }
            let early = Task { try await second.ship(1) }
            _ = try await nodes[1].host("shop") { First.Shop(actorSystem: $0) }
            let error = await #expect(throws: LockstepError.self) { try await early.value }
            #expect(error?.code == .notYet && error?.message.contains(": b runs") == true)
        }
    }

    @Test func callARenamedMethodByEitherName() async throws {
        try await withCluster(of: 2) { nodes in
            let old = try await nodes[0].host("shop") { Second.Shop(actorSystem: $0) }
            let new = try await nodes[1].host("shop") { Renamed.Shop(actorSystem: $0) }
            #expect(try await old.receive(2) == 2)
            #expect(try await new.take(3) == 5)
            #expect(try await old.count() == 5)
            #expect(try await new.total == 5)
            let reference = try Renamed.Shop.resolve(id: "shop", using: nodes[1].actorSystem)
            #expect(try await reference.take(1) == 6)
            #expect(try await reference.total == 6)
            #expect(try await old.count() == 6)
            #expect(try await old.group.status().stateHash == new.group.status().stateHash)
        }
    }

    @Test func keepTheNumbersOfRenamedMethods() {
        let numbers = Renamed.Shop.schema.methods.map(\.number)
        #expect(numbers == [ActorSchema.number(of: "receive(_:)"), ActorSchema.number(of: "count()")])
        #expect(Renamed.Shop.schema.methods.map(\.name) == ["take(_:)", "total()"])
        #expect(Renamed.Shop.schema.properties == ["stock": "Int"])
    }

    @Test func areToldInWordsWhatDoesNotGoTogether() async throws {
        try await withCluster(of: 2) { nodes in
            _ = try await nodes[0].host("shop") { First.Shop(actorSystem: $0) }
            let error = await #expect(throws: LockstepError.self) {
                try await nodes[1].host("shop") { Wrong.Shop(actorSystem: $0) }
            }
            #expect(error?.code == .schemaMismatch)
            #expect(error?.message.contains("receive(_:) argument 1 is String on b, and Int on a") == true)
        }
    }

    @Test func differInWordsInEveryWay() {
        func schema(_ type: String, _ methods: ActorSchema.Method...) -> ActorSchema {
            ActorSchema(type: type, methods: methods)
        }
        func method(_ number: UInt32, _ name: String, kind: ActorSchema.Method.Kind = .update, _ types: String...)
            -> ActorSchema.Method
        {
            .init(number: number, name: name, kind: kind, signature: types)
        }
        let plain = schema("A", method(1, "f()", "Int"))
        func words(_ other: ActorSchema) -> String? { plain.difference(from: other, here: "x", there: "y") }
        #expect(words(plain) == nil && words(schema("A")) == nil && words(schema("A", method(2, "g()", "Int"))) == nil)
        #expect(words(schema("B")) == "it is A on x, and B on y")
        #expect(words(schema("A", method(1, "f()", kind: .query, "Int"))) == "f() is an update on x, and a query on y")
        #expect(words(schema("A", method(1, "f()", "Void"))) == "f() result is Int on x, and Void on y")
        #expect(
            words(schema("A", method(1, "g()", "Int")))
                == "f() on x and g() on y have the same number; rename one of them"
        )
    }
}
