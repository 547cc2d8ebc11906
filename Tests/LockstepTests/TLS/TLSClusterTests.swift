#if TLS
    import Testing

    @testable import Lockstep

    @Suite("A cluster over TLS", .timeLimit(.minutes(2)))
    struct TLSClusterTests {
        private let cluster: TestCluster
        private let certificates: TestCertificates

        init() throws {
            var cluster = TestCluster(size: 3, seeds: NodeAddress.free(2))
            let certificates = try TestCertificates(of: cluster.name)
            cluster.security = certificates.security
            self.cluster = cluster
            self.certificates = certificates
        }

        @Test func everyMemberRunsEveryUpdate() async throws {
            try await cluster.runUpdatesOfAll()
        }

        @Test func messagesThatFillTheRingMoreThanOnceArriveWhole() async throws {
            try await cluster.fillTheRing()
        }

        @Test func losesAMemberAndTakesOneIn() async throws {
            var cluster = cluster
            cluster.failureTimeout = .seconds(5)
            let nodes = try await cluster.found()
            let ledgers = try await hostLedger(on: nodes)
            for amount in 1...100 { _ = try await ledgers[2].deposit(amount, to: "x") }
            await nodes[2].membership.leave(isAbrupt: true)
            let view = try await nodes[0].view { $0.members.count == 2 }
            #expect(nodes[0].names(in: view) == ["a", "b"])
            #expect(try await ledgers[0].deposit(1, to: "x") == 5051)
            let late = try await cluster.join("late")
            let ledger = try await late.host("ledger") { Ledger(actorSystem: $0) }
            #expect(try await ledger.deposit(1, to: "x") == 5052)
            #expect(try await ledgers[1].balance(of: "x") == 5052)
            await leave([nodes[0], nodes[1], late])
        }

        // MARK: - Who is turned away

        @Test func aNodeOfAnotherAuthorityIsTurnedAway() async throws {
            var stranger = cluster
            stranger.security = try TestCertificates(of: cluster.name).security
            try await expectToTurnAway(stranger, telling: "authority", logging: "authority")
        }

        @Test func aNodeWithoutTLSIsTurnedAway() async throws {
            var stranger = cluster
            stranger.security = { _ in .plaintext }
            try await expectToTurnAway(stranger, telling: "speaks TLS", logging: "does not speak TLS")
        }

        @Test func aNodeWithTLSIsTurnedAwayByThoseWithout() async throws {
            var stranger = cluster
            stranger.security = certificates.security
            var open = cluster
            open.security = { _ in .plaintext }
            try await expectToTurnAway(stranger, by: open, telling: "does not speak TLS", logging: "speaks TLS")
        }

        /// A node's join fails, and the cluster goes on.
        private func expectToTurnAway(
            _ stranger: TestCluster, by cluster: TestCluster? = nil, telling told: String, logging logged: String
        ) async throws {
            let cluster = cluster ?? self.cluster
            let nodes = try await cluster.found()
            let ledgers = try await hostLedger(on: nodes)
            let error = await #expect(throws: LockstepError.self) { try await stranger.join("stranger") }
            #expect(error?.code == .invalidConfiguration)
            #expect(error?.message.contains(told) == true, "\(error?.message ?? "")")
            try await cluster.log.wait(for: "turned away", logged)
            #expect(try await ledgers[1].deposit(5, to: "x") == 5)
            await leave(nodes)
        }
    }
#endif
