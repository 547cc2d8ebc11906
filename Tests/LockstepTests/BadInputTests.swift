import Lockstep
import LockstepTesting
import Synchronization
import Testing

@Suite("Bad input is a thrown error, and the cluster goes on")
struct BadInputTests {
    @Test(arguments: [
        NodeConfiguration(cluster: "", name: "a", expecting: 1),
        NodeConfiguration(cluster: "with space", name: "a", expecting: 1),
        NodeConfiguration(cluster: "ok", name: String(repeating: "a", count: 65), expecting: 1),
        NodeConfiguration(cluster: "ok", name: "a/b", expecting: 1),
        NodeConfiguration(cluster: "ok", name: "a", expecting: 0),
        NodeConfiguration(cluster: "ok", name: "a", expecting: 65),
        changed { $0.ringBytes = 5000 },
        changed { $0.ringBytes = 1 << 31 },
        changed { $0.ringBytes = -4096 },
        changed { $0.regionBytes = 4096 },
        changed { $0.regionBytes = .max },
        changed { $0.joinTimeout = .zero },
        changed { $0.callTimeout = .seconds(-1) },
    ])
    func aWrongConfigurationSaysWhich(_ configuration: NodeConfiguration) async {
        #expect(await code { _ = try await Node.join(configuration) } == .invalidConfiguration)
    }

    @Test(arguments: [
        Duration.seconds(Int64.max), .seconds(9_223_372_036) + .milliseconds(900), .seconds(9_223_372_035),
    ])
    func extremeTimeoutsDoNotOverflow(_ timeout: Duration) async throws {
        try await withCluster(of: 1, configure: { $0.callTimeout = timeout }) { nodes in
            let ledger = try await nodes[0].host("ledger") { Ledger(actorSystem: $0) }
            #expect(try await ledger.deposit(1, to: "x") == 1)
        }
    }

    @Test func theSecondNodeOfOneNameIsRefused() async throws {
        let cluster = "test-\(UInt64.random(in: .min ... .max))"
        let join = { @Sendable (name: String) in
            try await Node.join(NodeConfiguration(cluster: cluster, name: name, expecting: 2))
        }
        try await withThrowingTaskGroup(of: Result<Node, any Error>.self) { group in
            for _ in 1...2 {
                group.addTask {
                    do { return .success(try await join("a")) } catch { return .failure(error) }
                }
            }
            let refused = try #require(try await group.next())
            #expect(throws: LockstepError.self) { _ = try refused.get() }
            let other = try await join("b")
            let first = try #require(try await group.next()).get()
            #expect(first.membership.view.members.map(\.name) == ["a", "b"])
            await first.leave()
            await other.leave()
        }
    }

    @Test func ofTwoClustersOfOneNameOneFormsAndTheOtherIsToldWhy() async throws {
        let cluster = "test-\(UInt64.random(in: .min ... .max))"
        let outcomes = await withTaskGroup(of: (UInt8, Result<Node, any Error>).self) { group in
            for key: UInt8 in 1...2 {
                for name in ["a", "b"] {
                    var configuration = NodeConfiguration(cluster: cluster, name: name, expecting: 2)
                    configuration.key = .secret([UInt8](repeating: key, count: 32))
                    group.addTask { [configuration] in
                        do { return (key, .success(try await Node.join(configuration))) } catch {
                            return (key, .failure(error))
                        }
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var members: [UInt8] = []
        for (key, outcome) in outcomes {
            switch outcome {
            case .success(let node):
                members.append(key)
                await node.leave()
            case .failure(let error):
                let error = try #require(error as? LockstepError)
                #expect(error.code == .invalidConfiguration && error.message.contains("different keys"))
            }
        }
        #expect(members == [1, 1] || members == [2, 2])
    }

    @Test func aLateNodeWithAnotherSchemaIsRefusedAndTheGroupGoesOn() async throws {
        let cluster = TestCluster(size: 2)
        let nodes = try await cluster.found()
        let ledgers = try await hostLedger(on: nodes)
        let late = try await cluster.join("late")
        let refused = await code { _ = try await late.host("ledger") { OtherLedger(actorSystem: $0) } }
        #expect(refused == .schemaMismatch)
        try await cluster.log.wait(for: "cannot host a group", "late")
        #expect(try await ledgers[0].deposit(1, to: "x") == 1)
        let ledger = try await late.host("ledger") { Ledger(actorSystem: $0) }
        #expect(try await ledger.deposit(1, to: "x") == 2)
        await leave(nodes + [late])
    }

    @Test func waitingInVainNamesWhoCame() async throws {
        var configuration = NodeConfiguration(
            cluster: "test-\(UInt64.random(in: .min ... .max))", name: "lonely", expecting: 2
        )
        configuration.joinTimeout = .milliseconds(100)
        do {
            _ = try await Node.join(configuration)
            Issue.record("joined alone")
        } catch let error as LockstepError {
            #expect(error.code == .joinTimedOut)
            #expect(error.message.contains("lonely"))
        }
    }

    @Test func anotherSchemaIsRefusedAndTheGroupGoesOn() async throws {
        try await withCluster(of: 2) { nodes in
            let first = try await nodes[0].host("ledger") { Ledger(actorSystem: $0) }
            let refused = await code { _ = try await nodes[1].host("ledger") { OtherLedger(actorSystem: $0) } }
            #expect(refused == .schemaMismatch)
            let second = try await nodes[1].host("ledger") { Ledger(actorSystem: $0) }
            #expect(try await first.deposit(1, to: "x") == 1)
            #expect(try await second.balance(of: "x") == 1)
        }
    }

    @Test func aGroupThatNobodyHostsIsAnError() async throws {
        try await withCluster(of: 1) { nodes in
            let missing = await code { _ = try Ledger.resolve(id: "ledger", using: nodes[0].actorSystem) }
            #expect(missing == .groupNotHosted)
            _ = try await nodes[0].host("ledger") { OtherLedger(actorSystem: $0) }
            let other = await code { _ = try Ledger.resolve(id: "ledger", using: nodes[0].actorSystem) }
            #expect(other == .schemaMismatch)
        }
    }

    @Test func aCallWaitsForMembersThatDoNotHostTheGroupAndNamesThem() async throws {
        try await withCluster(of: 3, configure: { $0.callTimeout = .milliseconds(200) }) { nodes in
            let ledger = try await nodes[1].host("ledger") { Ledger(actorSystem: $0) }
            do {
                _ = try await ledger.deposit(1, to: "x")
                Issue.record("delivered without the others")
            } catch let error as LockstepError {
                #expect(error.code == .groupNotActive)
                #expect(error.message.contains("a, c"))
            }
            let status = try await ledger.group.status()
            #expect(status.missing == ["a", "c"] && !status.isActive)
        }
    }

    @Test func hostingTwiceIsRefused() async throws {
        try await withCluster(of: 1) { nodes in
            let ledger = try await nodes[0].host("ledger") { Ledger(actorSystem: $0) }
            let twice = await code { _ = try await nodes[0].host("ledger") { Ledger(actorSystem: $0) } }
            #expect(twice == .groupHostedTwice)
            #expect(try await ledger.deposit(1, to: "x") == 1)
        }
    }

    @Test func aReplicaMadeWithAnotherSystemIsRefused() async throws {
        try await withCluster(of: 1) { nodes in
            let system = nodes[0].actorSystem
            let refused = await code { _ = try await nodes[0].host("ledger") { _ in Ledger(actorSystem: system) } }
            #expect(refused == .unsupported)
            let names = await code {
                _ = try await nodes[0].host("") { Ledger(actorSystem: $0) }
            }
            #expect(names == .invalidConfiguration)
            let reserved = await code {
                _ = try await nodes[0].host("lockstep.catalogue") { Ledger(actorSystem: $0) }
            }
            #expect(reserved == .invalidConfiguration)
        }
    }

    @Test func aReplicaOfAnotherNodeOrAReferenceIsRefused() async throws {
        try await withCluster(of: 2) { nodes in
            let cached = Mutex<Ledger?>(nil)
            _ = try await nodes[0].host("ledger") { system in
                let ledger = Ledger(actorSystem: system)
                cached.withLock { $0 = ledger }
                return ledger
            }
            let other = try #require(cached.withLock { $0 })
            #expect(await code { _ = try await nodes[1].host("ledger") { _ in other } } == .unsupported)
            let reference = await code {
                _ = try await nodes[1].host("ledger") { try Ledger.resolve(id: "ledger", using: $0) }
            }
            #expect(reference == .groupNotHosted)
        }
    }

    @Test func aGenericActorOfAnotherTypeIsRefused() async throws {
        try await withCluster(of: 2) { nodes in
            _ = try await nodes[0].host("box") { Box<Int>(actorSystem: $0) }
            let refused = await code { _ = try await nodes[1].host("box") { Box<String>(actorSystem: $0) } }
            #expect(refused == .schemaMismatch)
        }
    }

    @Test func anUpdateIsNotRunAsAQuery() async throws {
        try await withLedgers { ledgers in
            let refused = await code {
                let _: Int = try await ledgers[0].group.query(ActorSchema.number(of: "deposit(_:to:)")) { call in
                    try call.add(1)
                    try call.add("x")
                }
            }
            #expect(refused == .unsupported)
        }
    }

    @Test func aGroupWhoseRegistrationCameLateKeepsItsMemory() async throws {
        try await withCluster(of: 2, configure: { $0.callTimeout = .seconds(2) }) { nodes in
            let slow = try await hostEverywhere("slow", on: nodes) { Sleeper(actorSystem: $0) }
            let sleep = Task { try await slow[1].sleep(milliseconds: 4000) }
            while !Sleeper.isAsleep.load(ordering: .relaxed) { await Task.yield() }
            let lost = await code { _ = try await nodes[0].host("ledger") { Ledger(actorSystem: $0) } }
            #expect(lost == .outcomeUnknown)
            try await sleep.value
            // Both groups are hosted now, and neither runs on the memory of the other.
            let other = try await hostEverywhere("other", on: nodes) { Ledger(actorSystem: $0) }
            let late = try await nodes[1].host("ledger") { Ledger(actorSystem: $0) }
            let again = try await nodes[0].host("ledger") { Ledger(actorSystem: $0) }
            _ = try await other[0].deposit(5, to: "x")
            #expect(try await again.deposit(1, to: "x") == 1)
            #expect(try await late.deposit(1, to: "x") == 2)
            try await expectEqualCopies([again, late])
            try await expectEqualCopies(other)
        }
    }

    @Test func aMessageThatIsTooLargeIsRefusedAndTheNextOnePasses() async throws {
        try await withLedgers(configure: { $0.ringBytes = 1 << 16 }) { ledgers in
            let refused = await code { _ = try await ledgers[0].store([UInt8](repeating: 1, count: 1 << 15)) }
            #expect(refused == .messageTooLarge)
            let count = try await ledgers[0].store([UInt8](repeating: 1, count: 16_000))
            #expect(count == 16_000)
        }
    }

    @Test func anArgumentThatThrowsWhileEncodingSendsNothing() async throws {
        try await withLedgers { ledgers in
            #expect(await code { try await ledgers[0].take(Unencodable()) } == .encodingFailed)
            let updates = try await ledgers[0].group.status().updates
            #expect(updates == 0)
        }
    }

    @Test func anArgumentThatCannotBeDecodedRunsNowhere() async throws {
        try await withLedgers { ledgers in
            #expect(await code { try await ledgers[0].take(other: Undecodable()) } == .decodingFailed)
            #expect(try await ledgers[1].deposit(1, to: "x") == 1)
            try await expectEqualCopies(ledgers)
        }
    }
}

private func changed(_ change: (inout NodeConfiguration) -> Void) -> NodeConfiguration {
    var configuration = NodeConfiguration(cluster: "ok", name: "a", expecting: 1)
    change(&configuration)
    return configuration
}
