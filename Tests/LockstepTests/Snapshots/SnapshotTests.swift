import Distributed
import LockstepTesting
import Synchronization
import Testing

@testable import Lockstep

/// Two replicas in one process, each of a group of its own.
func withReplicas<One: ReplicatedActor, Other: ReplicatedActor>(
    _ one: @escaping @Sendable (LockstepSystem) -> One, _ other: @escaping @Sendable (LockstepSystem) -> Other,
    _ body: @Sendable (One, Other) async throws -> Void
) async throws {
    try await withCluster(of: 1) { nodes in
        let first = try await replica(of: "one", on: nodes[0], one)
        let second = try await replica(of: "other", on: nodes[0], other)
        try await body(first, second)
    }
}

private func replica<Actor: ReplicatedActor>(
    of group: GroupID, on node: Node, _ make: @escaping @Sendable (LockstepSystem) -> Actor
) async throws -> Actor {
    let made = Mutex<Actor?>(nil)
    _ = try await node.host(group, performing: { _, _ in }) { system in
        let actor = make(system)
        made.withLock { $0 = actor }
        return actor
    }
    return try #require(made.withLock { $0 })
}

extension ReplicatedActor {
    nonisolated func snapshot() async throws -> [UInt8] {
        let result = await whenLocal { actor in
            Result {
                var writer = StateWriter()
                actor.writeState(to: &writer)
                return try writer.finish().encoded()
            }
        }
        return try #require(result).get()
    }

    nonisolated func restore(_ bytes: [UInt8]) async throws {
        let result = await whenLocal { actor in
            Result {
                var reader = try StateReader(bytes)
                try actor.readState(from: &reader)
            }
        }
        try #require(result).get()
    }

    nonisolated func stateHash() async throws -> UInt64 {
        let hash = await whenLocal { actor in
            var hasher = StateHasher()
            actor.hashState(into: &hasher)
            return hasher.finalize()
        }
        return try #require(hash)
    }
}

@Suite("The snapshot of a replica")
struct SnapshotTests {
    @Test func keepsThePropertiesThatAreRenamed() async throws {
        try await withReplicas({ Archive(actorSystem: $0) }, { RenamedArchive(actorSystem: $0) }) { old, new in
            _ = await old.whenLocal { $0.fill(3) }
            try await new.restore(try await old.snapshot())
            #expect(await new.whenLocal { $0.titles } == ["book 0": -7, "book 1": -6, "book 2": -3])
        }
        try await withReplicas({ RenamedArchive(actorSystem: $0) }, { LaterArchive(actorSystem: $0) }) { new, old in
            _ = await new.whenLocal { $0.titles = ["x": 1] }
            try await old.restore(try await new.snapshot())
            #expect(await old.whenLocal { $0.books } == ["x": 1])
        }
    }

    @Test func makesAnEqualReplica() async throws {
        try await withReplicas({ Archive(actorSystem: $0) }, { Archive(actorSystem: $0) }) { full, empty in
            _ = await full.whenLocal { $0.fill(40) }
            #expect(try await full.stateHash() != empty.stateHash())

            try await empty.restore(try await full.snapshot())

            #expect(try await full.stateHash() == empty.stateHash())
            #expect(try await full.snapshot() == empty.snapshot())
        }
    }

    @Test func leavesLocalPropertiesAlone() async throws {
        try await withReplicas({ Archive(actorSystem: $0) }, { Archive(actorSystem: $0) }) { full, empty in
            _ = await full.whenLocal { $0.fill(1) }
            try await empty.restore(try await full.snapshot())
            #expect(await full.whenLocal { $0.visitCount() } == 1)
            #expect(await empty.whenLocal { $0.visitCount() } == 0)
        }
    }

    @Test func outlivesAddedAndRemovedProperties() async throws {
        try await withReplicas({ Archive(actorSystem: $0) }, { LaterArchive(actorSystem: $0) }) { old, new in
            _ = await old.whenLocal { $0.fill(2) }
            try await new.restore(try await old.snapshot())
            #expect(await new.whenLocal { $0.books } == ["book 0": -7, "book 1": -6])
            #expect(await new.whenLocal { $0.index } == [1, 2])

            _ = await new.whenLocal { $0.books = [:] }
            try await old.restore(try await new.snapshot())
            let hash = try await old.stateHash()
            try await old.restore(try await old.snapshot())
            #expect(try await old.stateHash() == hash)
        }
    }

    @Test func namesThePropertyThatCannotBeRead() async throws {
        try await withReplicas({ Archive(actorSystem: $0) }, { OtherArchive(actorSystem: $0) }) { full, other in
            _ = await full.whenLocal { $0.fill(2) }
            let snapshot = try await full.snapshot()
            let error = await #expect(throws: LockstepError.self) { try await other.restore(snapshot) }
            #expect(error?.code == .decodingFailed)
            #expect(error?.message.contains("\"books\"") == true)
            #expect(await other.whenLocal { $0.changes } == 5)
        }
    }

    @Test func namesThePropertyThatCannotBeWritten() async throws {
        try await withReplicas({ Unwritable(actorSystem: $0) }, { LaterArchive(actorSystem: $0) }) { broken, _ in
            let error = await #expect(throws: LockstepError.self) { _ = try await broken.snapshot() }
            #expect(error?.code == .encodingFailed)
            #expect(error?.message.contains("\"broken\"") == true)
        }
    }

    @Test func refusesAnotherConstant() async throws {
        try await withReplicas(
            { Archive(actorSystem: $0) }, { Archive(shelves: 4, actorSystem: $0) }
        ) { full, other in
            _ = await full.whenLocal { $0.fill(2) }
            let (snapshot, hash) = (try await full.snapshot(), try await other.stateHash())
            let error = await #expect(throws: LockstepError.self) { try await other.restore(snapshot) }
            #expect(error?.message.contains("\"shelves\"") == true)
            #expect(try await other.stateHash() == hash)
        }
    }

    @Test func damageThrowsAndChangesNothingOrIsAnotherState() async throws {
        try await withReplicas({ Archive(actorSystem: $0) }, { Archive(actorSystem: $0) }) { full, other in
            _ = await full.whenLocal { $0.fill(6) }
            let snapshot = try await full.snapshot()
            var refused = 0
            for position in snapshot.indices {
                for change: UInt8 in [1, 0x40, 0x80, 0xFF] {
                    var damaged = snapshot
                    damaged[position] ^= change
                    if try await isRefused(damaged, by: other) { refused += 1 }
                }
                #expect(try await isRefused(Array(snapshot[..<position]), by: other))
            }
            #expect(try await isRefused(snapshot + [0], by: other))
            #expect(refused > snapshot.count)
        }
    }

    /// Restores a snapshot, which must do nothing if it throws.
    private func isRefused(_ snapshot: [UInt8], by archive: Archive) async throws -> Bool {
        let hash = try await archive.stateHash()
        do {
            try await archive.restore(snapshot)
            return false
        } catch {
            #expect(try await archive.stateHash() == hash)
            return true
        }
    }
}
