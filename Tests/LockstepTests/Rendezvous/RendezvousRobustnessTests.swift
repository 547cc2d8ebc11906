import LockstepFabric
import LockstepTesting
import Testing

@testable import Lockstep

/// As long as a nonce, and as a proof.
let handshakeBytes = (1...32).map { UInt8($0) }

private let samples: [RendezvousMessage] = [
    .handshake(.greeting(nonce: handshakeBytes)),
    .handshake(.answer(nonce: handshakeBytes, proof: handshakeBytes)),
    .handshake(.proof(handshakeBytes)),
    .handshake(.disagreement),
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
            // Some know the key, and are no better.
            if index % 5 == 0 { try await peer.prove(at: LocalSocket.address(of: node.request.cluster)) }
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
            for isProven in [false, true] {
                let peer = try await RawPeer(to: node.request.cluster)
                if isProven { try await peer.prove(at: LocalSocket.address(of: node.request.cluster)) }
                #expect(peer.socket.send(bytes) == 0)
                #expect(try await peer.next { $0.kind != .reject } == nil)
            }
        }
        try await formsWithTwoMore(node, joining)
    }

    @Test(arguments: [[], [HandshakeMessage.greeting(nonce: handshakeBytes)]])
    func whoStopsHalfwayIsClosed(having said: [HandshakeMessage]) async throws {
        let node = RendezvousNode("a", in: freshCluster(), expecting: 3, silenceNanoseconds: 30_000_000)
        let joining = Task { try await node.join() }
        let peer = try await RawPeer(to: node.request.cluster)
        for message in said { _ = peer.socket.send(.handshake(message)) }
        #expect(try await peer.next { $0.kind != .handshake } == nil)
        try await formsWithTwoMore(node, joining)
    }

    @Test func whoOnlyHoldsTheDoorOpenMakesRoom() async throws {
        let node = RendezvousNode("a", in: freshCluster(), expecting: 3)
        let joining = Task { try await node.join() }
        try await node.journal.until { !$0.waiting.isEmpty }
        var strangers: [RawPeer] = []
        for _ in 0..<ControlLimit.connectionsMax { strangers.append(try await RawPeer(to: node.request.cluster)) }
        guard case .reject(.tooMany, _)? = try await strangers.first?.next() else {
            throw RendezvousError.rejected("the first stranger has not made room")
        }
        try await formsWithTwoMore(node, joining)
    }

    @Test func tooManyWhoKnowTheKeyAreRefused() async throws {
        // Nobody makes room by being silent for long.
        let node = RendezvousNode("a", in: freshCluster(), expecting: 3, silenceNanoseconds: .max / 2)
        let joining = Task { try await node.join() }
        try await node.journal.until { !$0.waiting.isEmpty }
        let address = LocalSocket.address(of: node.request.cluster)
        var peers: [RawPeer] = []
        for _ in 1..<ControlLimit.connectionsMax {
            let peer = try await RawPeer(to: node.request.cluster)
            try await peer.prove(at: address)
            peers.append(peer)
        }
        // The last proof may not have been read when the first stranger comes.
        let strangers = try await [RawPeer(to: node.request.cluster), RawPeer(to: node.request.cluster)]
        guard case .reject(.tooMany, _)? = try await strangers[0].next() else {
            throw RendezvousError.rejected("it was let in")
        }
        for peer in peers.dropLast() {
            guard case .nothing = peer.socket.receive() else { throw RendezvousError.rejected("another made room") }
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
