import LockstepFabric
import LockstepTesting
import Testing

@testable import Lockstep

private let node = MeshNode(name: "é", incarnation: 2, process: 3, regionSize: 4)
private let nodeWithRDMA: MeshNode = {
    var traits = NodeTraits()
    traits.rdma = RDMAReach(network: .roceOverIPv4, subnet: 0, interface: 0xFFFF_0A4D_0001)
    return MeshNode(name: "a", incarnation: 2, process: 3, regionSize: 4, traits: traits)
}()
private let samples: [MeshMessage] = [
    .handshake(.answer(nonce: handshakeBytes, proof: handshakeBytes)),
    .hello(cluster: "shop", node),
    .reject(.crossed, sentence: "no"),
    .goodbye,
    .post(kind: 500, [1, 2, 3]),
    .hello(cluster: "shop", nodeWithRDMA),
    .rdma([1, 2, 3]),
    .noRDMA(sentence: "no route"),
]

@Suite("Mesh: bad input", .timeLimit(.minutes(2)))
struct MeshRobustnessTests {
    private let cluster = freshCluster()

    @Test(arguments: samples)
    func messagesSurviveTheWire(_ message: MeshMessage) throws {
        let bytes = message.encoded()
        #expect(try MeshMessage(decoding: bytes) == message)
        guard case .post = message else {
            for length in 0..<bytes.count {
                #expect(throws: ControlFlaw.self) { try MeshMessage(decoding: Array(bytes.prefix(length))) }
            }
            #expect(throws: ControlFlaw.self) { try MeshMessage(decoding: bytes + [0]) }
            return
        }
    }

    @Test func garbageClosesOnlyItsOwnConnection() async throws {
        let pair = try [MeshMember("a", in: cluster), MeshMember("b", in: cluster)]
        try await pair[0].connect(to: pair[1])
        var numbers = SeededRandom(seed: 8)
        for index in 0..<1000 {
            let raw = try await RawMeshPeer(to: pair[0], in: cluster, isProven: index % 5 == 0)
            if index % 3 == 0 { raw.say(raw.hello(in: cluster), descriptors: 1) }
            var bytes = samples.randomElement(using: &numbers)?.encoded() ?? []
            if index % 2 == 0 {
                bytes = (0...Int.random(in: 0..<200, using: &numbers)).map { _ in UInt8.random(in: 0...255) }
            } else {
                bytes[Int.random(in: 0..<bytes.count, using: &numbers)] ^= UInt8.random(in: 1...255)
            }
            raw.say(bytes, descriptors: Int.random(in: 0...3, using: &numbers))
        }
        pair[0].send("still here", to: pair[1])
        try await pair[1].journal.until { $0.messages.count == 1 }
        #expect(pair[1].journal.read.gone.isEmpty)
    }

    @Test func strangersAreToldWhy() async throws {
        let member = try MeshMember("a", in: cluster)
        for (bytes, why) in [
            (try await RawMeshPeer(to: member, in: cluster).hello(in: "other"), "belongs to cluster"),
            (try await RawMeshPeer(to: member, in: cluster).hello(in: cluster, id: member.mesh.own.id), "identity"),
            (MeshMessage.post(kind: 1, []).encoded(), "does not come at this time"),
            ([1, 2, 3], "ends too early"),
        ] {
            let raw = try await RawMeshPeer(to: member, in: cluster)
            raw.say(bytes, descriptors: 1)
            guard case .reject(.refused, let sentence)? = try await raw.next() else {
                Issue.record("it was not refused: \(why)")
                continue
            }
            #expect(sentence.contains(why))
            #expect(try await raw.next() == nil)
        }
        #expect(member.journal.read.connected.isEmpty)
    }

    @Test func whoDoesNotReadLosesItsConnectionAndHoldsUpNobody() async throws {
        let pair = try [MeshMember("a", in: cluster), MeshMember("b", in: cluster)]
        try await pair[0].connect(to: pair[1])
        let raw = try await RawMeshPeer(to: pair[0], in: cluster)
        raw.say(raw.hello(in: cluster), descriptors: 1)
        try await pair[0].journal.until { $0.connected.contains("raw") }
        let block = [UInt8](repeating: 1, count: 60_000)
        for _ in 0..<90 { pair[0].mesh.send(1, block, to: raw.id) }
        pair[0].send("through", to: pair[1])
        try await pair[1].journal.until { $0.messages.count == 1 }
        try await pair[0].journal.until { $0.gone == [raw.id: .died] }
    }

    @Test func whatWaitsIsSentWhenThereIsRoom() async throws {
        let member = try MeshMember("a", in: cluster)
        let raw = try await RawMeshPeer(to: member, in: cluster)
        raw.say(raw.hello(in: cluster), descriptors: 1)
        try await member.journal.until { $0.connected.contains("raw") }
        for number in 0..<60 {
            member.mesh.send(UInt16(number), [UInt8](repeating: 1, count: 60_000), to: raw.id)
        }
        guard case .hello? = try await raw.next() else { throw RendezvousError.rejected("no hello came") }
        for number in 0..<60 {
            guard case .post(UInt16(number), let bytes)? = try await raw.next() else {
                throw RendezvousError.rejected("message \(number) did not come")
            }
            #expect(bytes.count == 60_000)
        }
    }

    @Test(arguments: [[], [HandshakeMessage.greeting(nonce: handshakeBytes)]])
    func whoStopsHalfwayIsClosed(having said: [HandshakeMessage]) async throws {
        let member = try MeshMember("a", in: cluster, silenceNanoseconds: 30_000_000)
        let raw = try await RawMeshPeer(to: member, in: cluster, isProven: false)
        for message in said { raw.say(MeshMessage.handshake(message).encoded()) }
        while let message = try await raw.next() {
            guard case .handshake = message else { throw RendezvousError.rejected("it was told \(message)") }
        }
    }

    @Test func whoOnlyHoldsTheDoorOpenMakesRoom() async throws {
        let pair = try [MeshMember("a", in: cluster), MeshMember("b", in: cluster)]
        var strangers: [RawMeshPeer] = []
        for _ in 0...ControlLimit.connectionsMax {
            strangers.append(try await RawMeshPeer(to: pair[0], in: cluster, isProven: false))
        }
        guard case .reject(.refused, let sentence)? = try await strangers.first?.next() else {
            throw RendezvousError.rejected("the first stranger has not made room")
        }
        #expect(sentence.contains("too many"))
        try await pair[1].connect(to: pair[0])
    }

    @Test func anIdentityIsUsedOnce() throws {
        let member = try MeshMember("a", in: cluster, incarnation: 5)
        #expect(throws: RendezvousError.self) { try MeshMember("b", in: cluster, incarnation: 5) }
        member.mesh.close()
        _ = try MeshMember("b", in: cluster, incarnation: 5)
    }
}
