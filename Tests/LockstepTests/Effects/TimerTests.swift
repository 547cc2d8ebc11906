import Lockstep
import LockstepTesting
import Testing

/// Runs a test on three nodes that host locks.
private func withLocks(_ body: ([Locks.Handle]) async throws -> Void) async throws {
    try await withCluster(of: 3) { nodes in
        let locks = try await hostEverywhere("locks", on: nodes) { Locks(actorSystem: $0) }
        // The group begins on all of them, and who does what updates leave is settled.
        for handle in locks { _ = try await handle.allExpired() }
        try await body(locks)
    }
}

extension Locks.Handle {
    /// What has expired when it is at least so much.
    fileprivate func expired(atLeast count: Int) async throws -> [String] {
        while try await allExpired().count < count { await Task.yield() }
        return try await allExpired()
    }
}

@Suite("Timers", .timeLimit(.minutes(1)))
struct TimerTests {
    @Test func runOnceOnEveryReplica() async throws {
        try await withLocks { locks in
            try await locks[2].take("runway", for: "c", milliseconds: 1)
            for handle in locks { #expect(try await handle.expired(atLeast: 1) == ["runway"]) }
            for handle in locks { #expect(try await handle.group.status().timers == 0) }
            try await expectEqual(locks)
        }
    }

    @Test func runNotBeforeTheyAreDue() async throws {
        try await withLocks { locks in
            for number in 0..<20 { try await locks[number % 3].take("\(number)", for: "a", milliseconds: number) }
            _ = try await locks[0].expired(atLeast: 20)
            let delays = Dictionary(
                uniqueKeysWithValues: zip(try await locks[0].allExpired(), try await locks[0].delays()))
            for number in 0..<20 { #expect(try #require(delays["\(number)"]) >= .milliseconds(number)) }
        }
    }

    @Test func comeInTheOrderOfTheirTimes() async throws {
        try await withLocks { locks in
            try await locks[1].takeMany(300, milliseconds: 5)
            #expect(try await locks[1].expired(atLeast: 300) == (0..<300).map { "\($0)" })
        }
    }

    @Test func canBeTakenBack() async throws {
        try await withLocks { locks in
            try await locks[0].take("kept", for: "a", milliseconds: 3_600_000)
            try await locks[0].take("released", for: "a", milliseconds: 3_600_000)
            #expect(try await locks[1].release("released"))
            #expect(try await locks[1].release("released") == false)
            #expect(try await locks[1].group.status().timers == 1)
        }
    }

    @Test func mayLeaveOthers() async throws {
        try await withLocks { locks in
            try await locks[0].chain(9)
            #expect(try await locks[2].expired(atLeast: 10) == (0...9).reversed().map { "\($0)" })
        }
    }

    @Test func mayThrow() async throws {
        try await withLocks { locks in
            try await locks[0].throwLater()
            try await locks[0].chain(0)
            #expect(Set(try await locks[2].expired(atLeast: 2)) == ["thrown", "0"])
            try await expectEqual(locks)
        }
    }

    @Test func runOnceThoughTwoMembersProposeThem() async throws {
        try await withLocks { locks in
            try await locks[2].group.become(doer: true)
            for number in 0..<50 { try await locks[1].take("\(number)", for: "b", milliseconds: number % 5) }
            _ = try await locks[1].expired(atLeast: 50)
            // What was proposed twice comes before this.
            _ = try await locks[2].release("")
            _ = try await locks[0].release("")
            #expect(try await locks[1].allExpired().count == 50)
            try await expectEqual(locks)
        }
    }

    @Test func areTakenOverByAnotherMember() async throws {
        try await withLocks { locks in
            try await locks[0].group.become(doer: false)
            try await locks[0].take("runway", for: "a", milliseconds: 0)
            // It has been executed there.
            _ = try await locks[1].allExpired()
            #expect(try await locks[1].group.status().timers == 1)
            try await locks[1].group.become(doer: true)
            #expect(try await locks[0].expired(atLeast: 1) == ["runway"])
        }
    }

    @Test func areDoneByAMemberThatSends() async throws {
        try await withCluster(of: 2) { nodes in
            var options = GroupOptions()
            options.sends = false
            _ = try await nodes[0].host("locks", options: options) { Locks(actorSystem: $0) }
            let locks = try await nodes[1].host("locks") { Locks(actorSystem: $0) }
            try await locks.take("runway", for: "b", milliseconds: 0)
            #expect(try await locks.expired(atLeast: 1) == ["runway"])
        }
    }

    @Test func areState() async throws {
        try await checkDeterminism(of: { Locks(actorSystem: $0) }) { locks in
            for number in 0..<60 {
                try await locks.take("\(number)", for: "a", milliseconds: number % 3 == 0 ? 3_600_000 : 1)
                if number % 6 == 0 { _ = try await locks.release("\(number)") }
            }
            _ = try await locks.expired(atLeast: 40)
            #expect(try await locks.group.status().timers == 10)
        }
    }
}

/// A query at each member makes sure that it has executed everything; then the copies must be equal.
private func expectEqual(_ locks: [Locks.Handle]) async throws {
    var statuses: [GroupStatus] = []
    for handle in locks {
        _ = try await handle.allExpired()
        statuses.append(try await handle.group.status())
    }
    #expect(Set(statuses.map(\.stateHash)).count == 1)
}
