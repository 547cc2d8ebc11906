import LockstepFabric
import LockstepTesting
import Testing

@testable import Lockstep

private let samples: [RendezvousMessage] = [
    RawPeer.hello("raw", in: "cluster", expecting: 3),
    .reject(.nameTaken, sentence: "no"),
    .waiting(present: ["a", "é"], expected: 3),
    .propose(
        attempt: 1, rank: 0,
        members: [MeshNode(name: "a", incarnation: 2, process: 3, regionSize: 4)]),
    .ready(attempt: 1),
    .failed(attempt: 1, sentence: "why"),
    .install(attempt: 1),
    .abandon(attempt: 1, sentence: "why"),
    .formed(view: 7, members: [MeshNode(name: "a", incarnation: 2, process: 3, regionSize: 4)]),
]

@Suite("Rendezvous: bad input", .timeLimit(.minutes(2)))
struct RendezvousRobustnessTests {
    @Test(arguments: samples)
    func messagesSurviveTheWire(_ message: RendezvousMessage) throws {
        let bytes = message.encoded()
        #expect(try RendezvousMessage(decoding: bytes) == message)
        for length in 0..<bytes.count {
            #expect(throws: ControlFlaw.self) {
                try RendezvousMessage(decoding: Array(bytes.prefix(length)))
            }
        }
        #expect(throws: ControlFlaw.self) { try RendezvousMessage(decoding: bytes + [0]) }
    }

    @Test func longSentencesAreCutBetweenCharacters() throws {
        let message = RendezvousMessage.reject(.malformed, sentence: String(repeating: "€", count: 9000))
        guard case .reject(_, let sentence) = try RendezvousMessage(decoding: message.encoded()) else {
            Issue.record("a reject is decoded as something else")
            return
        }
        #expect(sentence.utf8.count <= ControlLimit.sentenceBytesMax && sentence.utf8.count > 8000)
    }

    @Test func garbageClosesOnlyItsOwnConnection() async throws {
        let node = RendezvousNode("a", in: freshCluster(), expecting: 3)
        let joining = Task { try await node.join() }
        var numbers = SeededRandom(seed: 42)
        let region = SharedMemoryRegion.fresh()
        let valid = samples + [RawPeer.hello("raw", in: node.request.cluster, expecting: 3)]
        for index in 0..<2000 {
            let peer = try await RawPeer(to: node.request.cluster)
            var bytes = valid.randomElement(using: &numbers)?.encoded() ?? []
            if index % 2 == 0 {
                bytes = (0...Int.random(in: 0..<200, using: &numbers)).map { _ in numbers.next8() }
            } else {
                bytes[Int.random(in: 0..<bytes.count, using: &numbers)] ^= numbers.next8()
            }
            let numbers = Array(repeating: region.descriptor, count: .random(in: 0...3, using: &numbers))
            _ = peer.socket.send(bytes, numbers: numbers)
        }
        try await formsWithTwoMore(node, joining)
    }

    @Test func whatIsTooLongOrEmptyOrTooMuchIsClosed() async throws {
        let node = RendezvousNode("a", in: freshCluster(), expecting: 3)
        let joining = Task { try await node.join() }
        let hello = RawPeer.hello("b", in: node.request.cluster, expecting: 3).encoded()
        for bytes in [[UInt8](repeating: 0, count: 70_000), [], hello, hello + [0]] {
            let peer = try await RawPeer(to: node.request.cluster)
            #expect(peer.socket.send(bytes) == 0)
            #expect(try await peer.next { $0.kind != .reject } == nil)
        }
        try await formsWithTwoMore(node, joining)
    }

    @Test func whoSaysNothingIsClosed() async throws {
        let node = RendezvousNode("a", in: freshCluster(), expecting: 3, silenceNanoseconds: 30_000_000)
        let joining = Task { try await node.join() }
        let peer = try await RawPeer(to: node.request.cluster)
        #expect(try await peer.next() == nil)
        try await formsWithTwoMore(node, joining)
    }

    @Test func tooManyConnectionsAreRefused() async throws {
        let node = RendezvousNode("a", in: freshCluster(), expecting: 3)
        let joining = Task { try await node.join() }
        try await node.journal.until { !$0.waiting.isEmpty }
        var peers: [RawPeer] = []
        for _ in 0..<ControlLimit.connectionsMax {
            peers.append(try await RawPeer(to: node.request.cluster))
        }
        guard case .reject(.tooMany, _)? = try await peers.last?.next() else {
            throw RendezvousError.rejected("it was let in")
        }
        peers = []
        try await formsWithTwoMore(node, joining)
    }

    private func formsWithTwoMore(_ node: RendezvousNode, _ joining: Task<Rendezvous, any Error>) async throws {
        let cluster = node.request.cluster
        async let second = RendezvousNode("normal", in: cluster, expecting: 3).join()
        async let third = RendezvousNode("other", in: cluster, expecting: 3).join()
        let views = try await [joining.value, second, third]
        #expect(views.map(\.rank) == [0, 1, 2])
    }
}

extension SeededRandom {
    fileprivate mutating func next8() -> UInt8 {
        UInt8(truncatingIfNeeded: next())
    }
}
