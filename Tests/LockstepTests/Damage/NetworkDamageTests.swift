import LockstepFabric
import LockstepProtocol
import Testing

@testable import Lockstep

@Suite("Damaged messages of other nodes are refused or read as something, and never end the process")
struct NetworkDamageTests {
    private struct Refused: Error {}

    private let nodes = [
        MeshNode(name: "a", incarnation: 1, process: 10, regionSize: 1 << 20),
        MeshNode(
            name: "berta", incarnation: .max, process: .max, regionSize: 1 << 30,
            traits: NodeTraits(.member, ["rack": "r1", "zone": "é"]), address: NodeAddress("10.0.0.1:7400")),
    ]
    private let handshakes: [HandshakeMessage] = [
        .greeting(nonce: [UInt8](repeating: 1, count: Handshake.nonceBytes)),
        .answer(
            nonce: [UInt8](repeating: 1, count: Handshake.nonceBytes),
            proof: [UInt8](repeating: 2, count: Handshake.proofBytes)),
        .proof([UInt8](repeating: 3, count: Handshake.proofBytes)),
        .disagreement,
    ]

    @Test func ofTheRendezvous() throws {
        let hello = RendezvousHello(
            cluster: "shop", name: "a", incarnation: 7, expected: 3, regionSize: 1 << 20, process: 5,
            address: NodeAddress("host.example:7400"), traits: nodes[1].traits)
        let messages: [RendezvousMessage] =
            handshakes.map { .handshake($0) } + [
                .hello(hello),
                .reject(.nameTaken, sentence: "Another node has this name."),
                .waiting(present: ["a", "berta"], expected: 3),
                .propose(attempt: 2, rank: 1, members: nodes),
                .ready(attempt: 2),
                .failed(attempt: 2, sentence: "é"),
                .install(attempt: 2),
                .abandon(attempt: 2, sentence: ""),
                .formed(view: 9, members: nodes),
            ]
        try Damage().check(messages.map { $0.encoded() }) { try RendezvousMessage(decoding: $0).encoded() }
    }

    @Test func ofTheMesh() throws {
        let messages: [MeshMessage] =
            handshakes.map { .handshake($0) } + [
                .hello(cluster: "shop", nodes[1]),
                .reject(.crossed, sentence: "Both have called."),
                .goodbye,
                .post(kind: 3, [1, 2, 3]),
                .branch(of: 77),
                .attached,
                .whole,
            ]
        try Damage().check(messages.map { $0.encoded() }) { try MeshMessage(decoding: $0).encoded() }
    }

    @Test func ofTheCluster() throws {
        let node = ClusterMessage.NodeRecord(peer: 3, incarnation: 8, votes: true, info: [1, 2, 3])
        let messages: [ClusterMessage] = [
            .whichView,
            .view(ClusterMessage.ViewRecord(number: 5, members: [node])),
            .follow(node),
            .following(true),
            .giveState(group: "bank", request: 1, view: 5),
            .state(request: 1, position: 40, updates: 39, executed: [1, 2], slots: .large),
            .chunk(
                request: 1,
                StateChunk(number: 0, size: 3, bytes: [1, 2, 3], goesOn: false, isLast: true, progress: 0.5)),
            .tookChunks(request: 1, count: .max),
            .noState(request: 1, reason: "It has none."),
        ]
        try Damage().check(messages.map { try $0.bytes }) { bytes in
            let message = try ClusterMessage(bytes)
            switch message {
            case .view(let view): _ = view.view
            case .follow(let node): _ = node.record
            case .state(_, _, _, _, let slots?) where slots.isSound: _ = slots.bytes
            default: break
            }
            return try message.bytes
        }
    }

    @Test func thatCallOneMember() throws {
        var arguments = CallArguments()
        arguments.begin(9, as: .askedQuery, question: 12, baggage: [1, 2, 3])
        try arguments.add("text")
        let call = MemberCallBytes(
            group: "bank", view: 4, way: .leased, patience: 1_000_000, payload: arguments.bytes)
        try Damage().check([call.bytes]) { bytes in
            guard let call = MemberCallBytes(bytes) else { throw Refused() }
            call.payload.withUnsafeBytes { payload in
                guard let header = CallHeader(payload) else { return }
                _ = (header.baggage(in: payload), header.arguments(in: payload))
                CallBaggage.with(header.baggage(in: payload)) {}
            }
            return call.bytes
        }
    }

    @Test func thatAnswerACall() throws {
        let replies: [MemberReply] = [
            .answered(.success([1, 2, 3])),
            .answered(.failure(LockstepError(.methodThrew, "It is empty."))),
            .refused("It left."),
        ]
        try Damage().check(replies.map { MemberReplyBytes(question: 6, $0).bytes }) { bytes in
            guard let reply = MemberReplyBytes(bytes) else { throw Refused() }
            return reply.bytes
        }
    }

    @Test func ofTheCatalogue() throws {
        let updates: [CatalogueUpdate] = [
            .host(
                Registration(
                    group: "bank", schema: ActorSchema(type: "Bank", methods: []),
                    place: ShardPlace(lines: 8192, rings: 8256, ringSize: 4096))),
            .restored(group: "bank"),
            .leaving,
            .refused(group: "bank", reason: "It is damaged."),
        ]
        try Damage().check(try updates.map { try $0.encoded().bytes }) { bytes in
            let update = try bytes.withUnsafeBytes { try CatalogueUpdate($0) }
            if case .host(let registration) = update { _ = registration.place.isValid(in: 1 << 20) }
            return try update.encoded().bytes
        }
    }
}
