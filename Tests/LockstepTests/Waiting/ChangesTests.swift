import LockstepTesting
import Testing

@testable import Lockstep

@Suite("Changes that updates publish", .timeLimit(.minutes(2)))
struct ChangesTests {
    private typealias News = Publication<Beacon.Change>

    private func keeping(_ count: Int) -> GroupOptions {
        var options = GroupOptions()
        options.changesKept = count
        return options
    }

    @Test(arguments: [GroupOptions(), inLane()])
    func comeOnEveryMemberWithTheirVersions(options: GroupOptions) async throws {
        try await withCluster(of: 3) { nodes in
            let beacons = try await hostEverywhere("beacon", on: nodes, options: options) { Beacon(actorSystem: $0) }
            let changes = beacons.map(\.group.changes)
            for level in 1...3 { _ = try await beacons[level % 3].light(level) }
            for changes in changes {
                #expect(try await changes.first(3) == (1...3).map { .change(.lit($0), version: UInt64($0)) })
            }
        }
    }

    @Test func beginWhereTheyAreAskedFor() async throws {
        try await withCluster(of: 1) { nodes in
            let beacon = try await nodes[0].host("beacon") { Beacon(actorSystem: $0) }
            _ = try await beacon.light(1)
            let changes = beacon.group.changes
            let version = try await beacon.light(2)
            #expect(try await changes.first(1) == [.change(.lit(2), version: version)])
        }
    }

    @Test func goOnBehindAVersionOnAnyMember() async throws {
        try await withCluster(of: 2) { nodes in
            let beacons = try await hostEverywhere("beacon", on: nodes) { Beacon(actorSystem: $0) }
            for level in 1...5 { _ = try await beacons[0].light(level) }
            _ = try await beacons[1].reached(5)
            let rest: [News] = [.change(.lit(4), version: 4), .change(.lit(5), version: 5)]
            for beacon in beacons { #expect(try await beacon.group.changes(after: 3).first(2) == rest) }
        }
    }

    @Test func tellASlowReaderWhatItHasMissed() async throws {
        try await withCluster(of: 1) { nodes in
            let beacon = try await nodes[0].host("beacon", options: keeping(3)) { Beacon(actorSystem: $0) }
            let changes = beacon.group.changes
            for level in 1...5 { _ = try await beacon.light(level) }
            let expected: [News] = [.lagged(version: 2)] + (3...5).map { .change(.lit($0), version: UInt64($0)) }
            #expect(try await changes.first(4) == expected)
            #expect(try await beacon.group.changes(after: 1).first(4) == expected)
            #expect(try await beacon.group.changes(after: 2).first(3) == Array(expected.dropFirst()))
        }
    }

    /// Of a version that is not whole any more, nothing is given.
    @Test func leaveOutTheRestOfAVersion() async throws {
        try await withCluster(of: 1) { nodes in
            let beacon = try await nodes[0].host("beacon", options: keeping(3)) { Beacon(actorSystem: $0) }
            let changes = beacon.group.changes
            try await beacon.flash([1, 2, 3])
            _ = try await beacon.light(4)
            #expect(try await changes.first(2) == [.lagged(version: 1), .change(.lit(4), version: 2)])
        }
    }

    @Test func ofAViewAreAmongThem() async throws {
        let nodes = try await TestCluster(size: 2).found()
        let beacons = try await hostEverywhere("beacon", on: nodes) { Beacon(actorSystem: $0) }
        let changes = beacons[0].group.changes
        await nodes[1].leave()
        #expect(try await changes.first(1) == [.change(.seen(members: 1), version: 1)])
        await leave(nodes)
    }

    @Test func beforeANewcomerAreMissedThere() async throws {
        let cluster = TestCluster(size: 1)
        var nodes = try await cluster.found()
        let first = try await nodes[0].host("beacon") { Beacon(actorSystem: $0) }
        for level in 1...3 { _ = try await first.light(level) }
        nodes.append(try await cluster.join("late"))
        let late = try await nodes[1].host("beacon") { Beacon(actorSystem: $0) }
        try await first.group.wait(forMembers: 2)
        let version = try await first.light(4)
        guard case .lagged(let missed)? = try await late.group.changes(after: 1).first(1).first else {
            Issue.record("the newcomer cannot have what came before it")
            return
        }
        #expect((3..<version).contains(missed))
        let next = try await late.group.changes(after: missed).first(1)
        #expect(next == [.change(.lit(4), version: version)])
        await leave(nodes)
    }

    @Test func endWithTheNode() async throws {
        let nodes = try await TestCluster(size: 1).found()
        let beacon = try await nodes[0].host("beacon") { Beacon(actorSystem: $0) }
        let changes = beacon.group.changes
        _ = try await beacon.light(1)
        await nodes[0].leave()
        var reader = changes.makeAsyncIterator()
        #expect(try await reader.next() == .change(.lit(1), version: 1))
        #expect(await code { _ = try await reader.next() } == .notMember)
    }

    @Test func canBeCancelled() async throws {
        try await withCluster(of: 1) { nodes in
            let beacon = try await nodes[0].host("beacon") { Beacon(actorSystem: $0) }
            let changes = beacon.group.changes
            let task = Task { try await changes.first(1) }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    @Test func mustBeKept() async throws {
        try await withCluster(of: 1) { nodes in
            let failure = await code {
                _ = try await nodes[0].host("beacon", options: keeping(0)) { Beacon(actorSystem: $0) }
            }
            #expect(failure == .invalidConfiguration)
        }
    }
}
