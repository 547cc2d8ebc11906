import Glibc
import LockstepFabric
import Testing

@testable import Lockstep

extension ProcessTests {
    /// The shortest way through all that becomes of a cluster over the RDMA devices of the test rig: what CI has time for.
    @Suite("One cluster over RDMA, and what becomes of it", .enabled(if: Rig.isHere))
    struct VerbsOneClusterTests {
        @Test func aMemberIsKilledAnotherJoinsAndAThirdIsCutOffAndHealed() async throws {
            async let end: Void = expectToBeKilled()
            let rig = Rig("one-\(getpid())")
            var configuration = rig.configuration("b", on: 2)
            configuration.rejoin = .automatically
            let returning = configuration
            async let a = rig.join("a", on: 1)
            async let b = Node.join(returning)
            let nodes = try await [a, b]
            let ledgers = try await hostLedger(on: nodes)
            #expect(try await nodes[0].status.members.map(\.link) == [nil, .verbs, .verbs])

            // Three members update.
            for ledger in ledgers {
                for _ in 0..<10 { _ = try await ledger.deposit(1, to: "x") }
            }
            for ledger in ledgers { #expect(try await ledger.balance(of: "x") == 20) }
            while try await ledgers[0].balance(of: "c") < 10 { await Task.yield() }

            // One is killed in the middle of it: the others agree on what it has done, and go on.
            let child = try #require(nodes[0].membership.view.members.first { $0.name == "c" })
            #expect(kill(child.processID, SIGKILL) == 0)
            for node in nodes {
                let view = try await node.view { $0.members.count == 2 }
                #expect(node.names(in: view) == ["a", "b"])
            }
            await end
            let balance = try await ledgers[0].balance(of: "c")
            #expect(try await ledgers[1].deposit(1, to: "c") == balance + 1)

            // Another comes to its host, and is given the state.
            let late = try await rig.join("late", on: 3)
            let ledger = try await late.host("ledger") { Ledger(actorSystem: $0) }
            #expect(try await ledger.balance(of: "c") == balance + 1)
            #expect(try await ledger.deposit(1, to: "x") == 21)
            #expect(try await late.status.members.map(\.link) == [.verbs, .verbs, nil])

            // A cable is pulled: the others go on, and who is cut off does not.
            try rig.run("cut_off 2")
            let left = try await nodes[0].view { nodes[0].names(in: $0) == ["a", "late"] }
            #expect(try await ledgers[0].deposit(1, to: "x") == 22)
            await #expect(throws: LockstepError.self) { _ = try await ledgers[1].deposit(1, to: "y") }

            // It is plugged in again: who was cut off finds out, comes back, and is given what it has missed.
            try rig.run("heal 2")
            let healed = try await nodes[0].view { $0.number > left.number && $0.members.count == 3 }
            #expect(nodes[0].names(in: healed) == ["a", "late", "b"])
            while (try? await ledgers[1].balance(of: "x")) != 22 { try await Task.sleep(for: .milliseconds(10)) }
            #expect(try await ledger.balance(of: "y") == 0)
            #expect(try await ledgers[1].deposit(1, to: "x") == 23)
            for ledger in [ledgers[0], ledger] { #expect(try await ledger.balance(of: "x") == 23) }
            await leave(nodes + [late])
        }

        private func expectToBeKilled() async {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                let node = try await Rig("one-\(getppid())").join("c", on: 3)
                let ledger = try await node.host("ledger") { Ledger(actorSystem: $0) }
                while true { _ = try await ledger.deposit(1, to: "c") }
            }
        }
    }
}
