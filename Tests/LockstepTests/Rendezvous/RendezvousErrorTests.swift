import Glibc
import LockstepFabric
import Testing

@testable import Lockstep

/// The rendezvous error that the work ends with.
private func failure<Value>(_ work: () async throws -> Value) async -> RendezvousError? {
    do {
        _ = try await work()
        return nil
    } catch {
        return error as? RendezvousError
    }
}

/// One that this release does not speak.
private let otherVersion = ControlLimit.wireVersion + 1

@Suite("Rendezvous: refusals", .timeLimit(.minutes(2)))
struct RendezvousErrorTests {
    /// One node that waits for one more, and what another gets to hear.
    private func refusal(of other: (String) -> RendezvousNode) async throws -> RendezvousError? {
        let first = RendezvousNode("a", in: freshCluster(), expecting: 2)
        let waiting = Task { try await first.join() }
        try await first.journal.until { !$0.waiting.isEmpty }
        let error = await failure { try await other(first.request.cluster).join() }
        let second = try await RendezvousNode("b", in: first.request.cluster, expecting: 2).join()
        #expect(try await waiting.value.members == second.members)
        return error
    }

    @Test func aNameIsTakenOnce() async throws {
        let error = try await refusal { RendezvousNode("a", in: $0, expecting: 2) }
        guard case .nameTaken(let detail) = error else { throw error ?? .rejected("it joined") }
        #expect(detail.contains("Process \(getpid())"))
    }

    @Test func allExpectTheSameNumber() async throws {
        let error = try await refusal { RendezvousNode("c", in: $0, expecting: 3) }
        guard case .expectedMismatch(let detail) = error else { throw error ?? .rejected("it joined") }
        #expect(detail.contains("expects 3 ") && detail.contains("expect 2:"))
    }

    @Test func aRegionThatCannotBeMappedEndsOnlyThatNode() async throws {
        let error = try await refusal { RendezvousNode("c", in: $0, expecting: 2, refusesToMap: true) }
        guard case .mappingFailed(let cause) = error else { throw error ?? .rejected("it joined") }
        #expect(cause is RendezvousNode.Refusal)
    }

    @Test func aNodeOfAnotherVersionIsToldOurs() async throws {
        let node = RendezvousNode("a", in: freshCluster(), expecting: 2)
        let joining = Task { try await node.join() }
        let raw = try await RawPeer(to: node.request.cluster)
        let hello = RawPeer.hello("b", in: node.request.cluster, expecting: 2)
        #expect(raw.socket.send(hello.encoded(version: otherVersion)) == 0)
        guard case .reject(.version, let sentence) = try await raw.next() else {
            throw RendezvousError.rejected("it was not rejected")
        }
        #expect(sentence.contains("version \(ControlLimit.wireVersion) "))
        #expect(sentence.contains("version \(otherVersion)"))
        #expect(try await raw.next() == nil)
        joining.cancel()
        _ = await joining.result
    }

    @Test func aNodeOfAnotherClusterIsToldWhoseAddressItIs() async throws {
        let node = RendezvousNode("a", in: freshCluster(), expecting: 1)
        let member = try await node.join()
        defer { member.leave() }
        let raw = try await RawPeer(to: node.request.cluster)
        try await raw.prove(at: LocalSocket.address(of: node.request.cluster))
        let region = SharedMemoryRegion.fresh()
        let hello = RawPeer.hello("b", in: "elsewhere", expecting: 1)
        #expect(raw.socket.send(hello.encoded(), numbers: [region.descriptor]) == 0)
        guard case .reject(.cluster, let sentence)? = try await raw.next() else {
            throw RendezvousError.rejected("it was not rejected")
        }
        #expect(sentence.contains("\"\(node.request.cluster)\"") && sentence.contains("\"elsewhere\""))
    }

    @Test func aRegionThatIsNoneEndsOnlyItsOwnConnection() async throws {
        let cluster = freshCluster()
        let first = RendezvousNode("a", in: cluster, expecting: 2)
        let second = RendezvousNode("b", in: cluster, expecting: 2)
        let joining = Task { try await first.join() }
        let raw = try await RawPeer(to: cluster)
        try await raw.prove(at: LocalSocket.address(of: cluster))
        let nothing = try Descriptor(open("/dev/null", O_RDONLY), of: "open")
        let hello = RawPeer.hello("b", in: cluster, expecting: 2)
        #expect(raw.socket.send(hello, with: [nothing]) == 0)
        let reject = try await raw.next {
            if case .reject(.malformed, _) = $0 { true } else { false }
        }
        #expect(reject != nil)
        let others = try await [second.join(), joining.value]
        #expect(Set(others.map(\.rank)) == [0, 1])
        for node in others { node.leave() }
    }

    @Test func aRegistrarOfAnotherVersionIsRefused() async throws {
        let node = RendezvousNode("a", in: freshCluster(), expecting: 2)
        let registrar = try RawRegistrar(of: node.request.cluster)
        let joining = Task { try await node.join() }
        let (peer, _) = try await registrar.greet()
        _ = peer.socket.send(RendezvousMessage.reject(.version, sentence: "no").encoded(version: otherVersion))
        let error = await failure { try await joining.value }
        guard case .versionMismatch(ours: Int(ControlLimit.wireVersion), theirs: Int(otherVersion)) = error else {
            throw error ?? .rejected("it joined")
        }
    }

    @Test func theDeadlineNamesWhoIsHere() async throws {
        let cluster = freshCluster()
        let patient = RendezvousNode("b", in: cluster, expecting: 3)
        let waiting = Task { try await patient.join() }
        try await patient.journal.until { !$0.waiting.isEmpty }
        let error = await failure {
            try await RendezvousNode("a", in: cluster, expecting: 3, seconds: 0.3).join()
        }
        guard case .timedOut(let present, 3, _) = error else { throw error ?? .rejected("it joined") }
        #expect(present == ["a", "b"])
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
    }

    @Test func aCancelledTaskNeverJoins() async throws {
        let node = RendezvousNode("a", in: freshCluster(), expecting: 1)
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await node.join()
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func impossibleRequestsAreRefusedAtOnce() async throws {
        for (name, expected) in [("", 1), ("a", 0), ("a", 65), (String(repeating: "a", count: 129), 1)] {
            let error = await failure {
                try await RendezvousNode(name, in: freshCluster(), expecting: expected).join()
            }
            guard case .rejected = error else { throw error ?? .rejected("it joined") }
        }
    }
}
