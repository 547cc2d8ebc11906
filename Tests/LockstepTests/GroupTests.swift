import LockstepTesting
import Testing

@testable import Lockstep

@Suite("A replicated actor in a group of three")
struct GroupTests {
    @Test func everyMemberHasTheSameRanks() async throws {
        try await withCluster(of: 3) { nodes in
            #expect(nodes.map(\.membership.view.rank) == [0, 1, 2])
            #expect(Set(nodes.map(\.membership.view.members)).count == 1)
            #expect(nodes[0].membership.view.members.map(\.name) == ["a", "b", "c"])
            #expect(nodes[0].membership.view.number == 1)
        }
    }

    @Test func aGroupOfOneWorks() async throws {
        try await withCluster(of: 1) { nodes in
            let ledger = try await nodes[0].host("ledger") { Ledger(actorSystem: $0) }
            #expect(try await ledger.deposit(5, to: "x") == 5)
            #expect(try await ledger.balance(of: "x") == 5)
        }
    }

    @Test func aResultIsSeenByEveryLaterQuery() async throws {
        try await withLedgers { ledgers in
            for round in 1...50 {
                _ = try await ledgers[round % 3].deposit(1, to: "x")
                #expect(try await ledgers[(round + 1) % 3].balance(of: "x") == round)
            }
        }
    }

    @Test func thrownErrorsReachTheCallerAndChangeNothingElse() async throws {
        try await withLedgers { ledgers in
            _ = try await ledgers[0].deposit(3, to: "x")
            await #expect(throws: Overdrawn(account: "x", missing: 2)) {
                try await ledgers[1].withdraw(5, from: "x")
            }
            await #expect(throws: Overdrawn(account: "y", missing: 0)) { try await ledgers[2].check("y") }
            #expect(try await ledgers[2].withdraw(3, from: "x") == 0)
        }
    }

    @Test func anyCodableArgumentAndResultTravels() async throws {
        try await withLedgers { ledgers in
            let entry = Entry.deposit(amount: .min, note: "ü\u{0}")
            #expect(try await ledgers[0].add(entry, at: ["a": [1, 2], "b": []]) == entry)
            #expect(try await ledgers[1].add(.closing, at: [:]) == .closing)
            try await expectEqualCopies(ledgers)
        }
    }

    @Test func concurrentUpdatesFromAllMembersHaveOneOrder() async throws {
        try await withLedgers { ledgers in
            try await load(ledgers, callers: 8, calls: 100)
            let lines = try await ledgers[0].lines()
            #expect(lines.count == 2400)
            #expect(Set(lines).count == 2400)
            for ledger in ledgers { #expect(try await ledger.lines() == lines) }
            try await expectEqualCopies(ledgers)
        }
    }

    @Test func aCallersUpdatesKeepTheirOrder() async throws {
        try await withLedgers { ledgers in
            try await load(ledgers, callers: 4, calls: 50)
            var last: [Substring: Int] = [:]
            for line in try await ledgers[1].lines() {
                let parts = line.split(separator: "#")
                let number = try #require(Int(parts[1]))
                #expect(number == last[parts[0], default: -1] + 1)
                last[parts[0]] = number
            }
        }
    }

    @Test func callersSuspendWhileTheRingIsFull() async throws {
        try await withLedgers(configure: { $0.ringBytes = 4096 }) { ledgers in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for place in 0..<300 {
                    group.addTask {
                        try await ledgers[place % 3].store([UInt8](repeating: 7, count: 900))
                    }
                }
                for try await count in group { #expect(count == 900) }
            }
        }
    }

    @Test func severalGroupsOfOneTypeAreApart() async throws {
        try await withCluster(of: 2) { nodes in
            let first = try await hostEverywhere("first", on: nodes) { Ledger(actorSystem: $0) }
            let second = try await hostEverywhere("second", on: nodes) { Ledger(actorSystem: $0) }
            _ = try await first[0].deposit(1, to: "x")
            _ = try await second[1].deposit(2, to: "x")
            #expect(try await first[1].balance(of: "x") == 1)
            #expect(try await second[0].balance(of: "x") == 2)
        }
    }

    @Test func groupsMayBeHostedInAnyOrder() async throws {
        try await withCluster(of: 2) { nodes in
            let one = try await nodes[0].host("one") { Ledger(actorSystem: $0) }
            let two = try await nodes[1].host("two") { Ledger(actorSystem: $0) }
            async let early = one.deposit(1, to: "x")
            _ = try await nodes[1].host("one") { Ledger(actorSystem: $0) }
            _ = try await nodes[0].host("two") { Ledger(actorSystem: $0) }
            #expect(try await early == 1)
            #expect(try await two.deposit(1, to: "x") == 1)
        }
    }
}

@Suite("A call through a resolved actor reference")
struct ReferenceTests {
    @Test func isAnOrderedMulticastOnMembersToo() async throws {
        try await withCluster(of: 3) { nodes in
            let ledgers = try await hostEverywhere("ledger", on: nodes) { Ledger(actorSystem: $0) }
            let reference = try Ledger.resolve(id: "ledger", using: nodes[1].actorSystem)
            #expect(try await reference.deposit(4, to: "x") == 4)
            #expect(try await ledgers[2].balance(of: "x") == 4)
            #expect(try await reference.balance(of: "x") == 4)
            try await reference.note("hello")
            #expect(try await ledgers[0].lines() == ["hello"])
            await #expect(throws: Overdrawn(account: "x", missing: 1)) {
                try await reference.withdraw(5, from: "x")
            }
            try await expectEqualCopies(ledgers)
        }
    }

    @Test func isNeverTheLocalInstance() async throws {
        try await withCluster(of: 1) { nodes in
            _ = try await nodes[0].host("ledger") { Ledger(actorSystem: $0) }
            let reference = try Ledger.resolve(id: "ledger", using: nodes[0].actorSystem)
            let isLocal = await reference.whenLocal { _ in true }
            #expect(isLocal == nil)
        }
    }

    @Test func findsTheMethodInTheLanguagesDescription() {
        #expect(methodName(inTarget: "Shop.Inventory.receive(_:of:)") == "receive(_:of:)")
        #expect(methodName(inTarget: "Inner.one()") == "one()")
        #expect(methodName(inTarget: "Try.Awkward.`raw name.(x)`()") == "raw name.(x)()")
        #expect(methodName(inTarget: "") == "")
    }
}
