import LockstepTesting
import Testing

@testable import Lockstep

/// An actor whose methods differ in their types alone.
@Replicated
distributed actor Register {
    private var numbers: [Int] = []
    private var texts: [String] = []

    distributed func add(_ number: Int) -> Int {
        numbers.append(number)
        return numbers.count
    }

    distributed func add(_ text: String) -> String {
        texts.append(text)
        return texts.joined()
    }

    distributed func clear() { (numbers, texts) = ([], []) }
}

@Suite("Methods of one name that take different types")
struct OverloadTests {
    @Test func areToldApartByTheHandle() async throws {
        try await withCluster(of: 2) { nodes in
            let registers = try await hostEverywhere("register", on: nodes) { Register(actorSystem: $0) }
            #expect(try await registers[0].add(7) == 1)
            #expect(try await registers[1].add("x") == "x")
            #expect(try await registers[0].pipeline.add("y").value == "xy")
        }
    }

    @Test func areRefusedThroughAReference() async throws {
        try await withCluster(of: 1) { nodes in
            _ = try await nodes[0].host("register") { Register(actorSystem: $0) }
            let reference = try Register.resolve(id: "register", using: nodes[0].actorSystem)
            #expect(await code { _ = try await reference.add(7) } == .unsupported)
            try await reference.clear()
        }
    }
}
