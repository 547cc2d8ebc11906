import Glibc
import Lockstep
import Testing

extension ProcessTests {
    /// A process that is stopped for so long that the others go on without it, and then goes on itself.
    @Suite("A node that was excluded")
    struct RejoinProcessTests {
        private typealias Parent = (nodes: [Node], ledgers: [Ledger.Handle])

        @Test func findsOutBeforeItAnswersAnything() async throws {
            async let end: Void = expectToStayOutside()
            let parent = try await found("never-\(getpid())")
            let process = try await stopTheChild(of: parent)
            #expect(kill(process, SIGCONT) == 0)
            await end
            await leave(parent.nodes)
        }

        private func expectToStayOutside() async {
            await #expect(processExitsWith: .success) {
                let child = try await Child(in: "never-\(getppid())", rejoin: .never)
                _ = try await child.depositUntilExcluded()
                for _ in 0..<3 { try await child.expectExcluded() }
                // They have ended.
                for await _ in child.node.views {}
                await child.node.leave()
            }
        }

        @Test func comesBackByItself() async throws {
            async let end: Void = expectToComeBack()
            let parent = try await found("back-\(getpid())")
            let process = try await stopTheChild(of: parent)
            let before = parent.nodes[0].membership.view.number
            #expect(kill(process, SIGCONT) == 0)
            let view = try await parent.nodes[0].view { $0.number > before && $0.members.count == 3 }
            #expect(view.members.last?.processID == process)
            await end
            #expect(try await parent.ledgers[1].balance(of: "done") == 1)
            await leave(parent.nodes)
        }

        private func expectToComeBack() async {
            await #expect(processExitsWith: .success) {
                let child = try await Child(in: "back-\(getppid())", rejoin: .automatically)
                let incarnation = child.node.membership.view.members.first { $0.name == "c" }?.incarnation
                let (acknowledged, unknown) = try await child.depositUntilExcluded()
                // The same handle, and the same sequence of views.
                while (try? await child.ledger.balance(of: "c")) == nil { await Task.yield() }
                _ = try await child.ledger.deposit(1, to: "done")
                let view = try await child.node.view { $0.members.count == 3 }
                try check(view.members.last?.name == "c" && view.members.last?.incarnation != incarnation)
                try check(try await child.ledger.balance(of: "parent") == 7)
                // What was acknowledged has run once, what was on its way at most once.
                let balance = try await child.ledger.balance(of: "c")
                try check((acknowledged...acknowledged + unknown).contains(balance))
                // References lead on, too.
                let reference = try Ledger.resolve(id: "ledger", using: child.node.actorSystem)
                try check(try await reference.balance(of: "parent") == 7)
                await child.node.leave()
            }
        }

        @Test func canLeaveInsteadOfComingBack() async throws {
            async let end: Void = expectToLeave()
            let parent = try await found("leaves-\(getpid())")
            let process = try await stopTheChild(of: parent)
            #expect(kill(process, SIGCONT) == 0)
            await end
            await leave(parent.nodes)
        }

        private func expectToLeave() async {
            await #expect(processExitsWith: .success) {
                let child = try await Child(in: "leaves-\(getppid())", rejoin: .automatically)
                _ = try await child.depositUntilExcluded()
                await child.node.leave()
                for await _ in child.node.views {}
            }
        }

        // MARK: - The parent's part

        private func found(_ cluster: String) async throws -> Parent {
            async let a = Node.join(configuration(cluster, "a"))
            async let b = Node.join(configuration(cluster, "b"))
            let nodes = try await [a, b]
            return (nodes, try await hostLedger(on: nodes))
        }

        /// Stops the child in the middle of its calls, until the others have gone on without it. Returns its process.
        private func stopTheChild(of parent: Parent) async throws -> Int32 {
            while try await parent.ledgers[0].balance(of: "c") < 10 { await Task.yield() }
            let view = parent.nodes[0].membership.view
            let child = try #require(view.members.first { $0.name == "c" })
            #expect(kill(child.processID, SIGSTOP) == 0)
            let next = try await parent.nodes[0].view { $0.members.count == 2 }
            #expect(next.change?.silent.map(\.name) == ["c"])
            #expect(try await parent.ledgers[0].deposit(7, to: "parent") == 7)
            return child.processID
        }
    }
}

private func configuration(
    _ cluster: String, _ name: String, rejoin: NodeConfiguration.Rejoin = .never
) -> NodeConfiguration {
    var configuration = NodeConfiguration(cluster: cluster, name: name, expecting: 3)
    configuration.failureTimeout = .seconds(2)
    configuration.rejoin = rejoin
    return configuration
}

/// The other process.
private struct Child {
    let node: Node
    let ledger: Ledger.Handle

    init(in cluster: String, rejoin: NodeConfiguration.Rejoin) async throws {
        node = try await Node.join(configuration(cluster, "c", rejoin: rejoin))
        ledger = try await node.host("ledger") { Ledger(actorSystem: $0) }
    }

    /// Returns how many deposits were acknowledged, and of how many the outcome is unknown.
    func depositUntilExcluded() async throws -> (acknowledged: Int, unknown: Int) {
        var (acknowledged, unknown) = (0, 0)
        while true {
            do {
                _ = try await ledger.deposit(1, to: "c")
                acknowledged += 1
            } catch let error as LockstepError where error.code == .outcomeUnknown {
                unknown += 1
            } catch let error as LockstepError where error.code == .excluded {
                return (acknowledged, unknown)
            }
        }
    }

    /// Neither an update nor a query is answered.
    func expectExcluded() async throws {
        for call in [{ try await ledger.deposit(1, to: "c") }, { try await ledger.balance(of: "c") }] {
            do {
                _ = try await call()
                throw Surprise()
            } catch let error as LockstepError {
                try check(error.code == .excluded)
            }
        }
    }
}

/// Ends the child with a failure.
private struct Surprise: Error {}

private func check(_ condition: Bool) throws {
    if !condition { throw Surprise() }
}
