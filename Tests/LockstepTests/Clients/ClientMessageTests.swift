import LockstepTesting
import Testing

@testable import Lockstep

let clientKey = SessionKey(opened: 5, nonce: .max)

let clientMessages: [ClientMessage] = [
    .handshake(.greeting(nonce: handshakeBytes)),
    .hello(cluster: "shop", name: "é"),
    .reject(sentence: "no"),
    .members(
        view: 7, speaker: 2,
        [
            MeshNode(name: "a", incarnation: 1, process: 3, regionSize: 4),
            MeshNode(name: "b", incarnation: 2, process: 3, regionSize: 4, address: NodeAddress("::1", port: 7400)),
        ]),
    .request(1, .open("bank", nonce: 4, timeout: 5, schema: [1, 2])),
    .request(
        2,
        .update(
            "bank", ClientCallID(session: clientKey, sequence: 9, settled: 8), patience: 100, method: 77,
            baggage: [7, 8], arguments: [1, 2, 3])),
    .request(3, .query(query)),
    .request(3, .all(query)),
    .request(4, .watch("bank", clientKey, after: 8)),
    .request(5, .keep("bank", clientKey)),
    .request(6, .close("bank", clientKey)),
    .answer(7, ClientAnswer(version: 3, outcome: .result([1, 2, 3]))),
    .answer(8, ClientAnswer(version: 3, outcome: .failed(code: "methodThrew", message: "Overdrawn()"))),
    .said(
        8, rank: 1, MeshNode(name: "b", incarnation: 2, process: 3, regionSize: 4), .result([1, 2, 3])),
    .said(
        8, rank: 2, MeshNode(name: "c", incarnation: 4, process: 5, regionSize: 4),
        .failed(code: "noAnswer", message: "Late.")),
    .refusal(9, code: "notReplica", sentence: "Not here."),
    .change(clientKey, version: 6, [9, 8]),
    .change(clientKey, version: 6, nil),
    .ping,
    .pong,
]

private var query: MemberCallBytes {
    var call = CallArguments()
    call.begin(7, as: .askedQuery, question: 3, baggage: nil)
    return MemberCallBytes(group: "bank", view: 0, way: .leased, patience: 100, payload: call.bytes)
}

@Suite("Messages of clients")
struct ClientMessageTests {
    @Test(arguments: clientMessages)
    func surviveTheWire(_ message: ClientMessage) throws {
        #expect(try ClientMessage(decoding: message.encoded()) == message)
    }

    /// Whatever is cut off, a message is refused, or is shorter where it has bytes at its end.
    @Test(arguments: clientMessages)
    func maybeCutAnywhere(_ message: ClientMessage) {
        let bytes = message.encoded()
        for length in 0..<bytes.count {
            guard let other = try? ClientMessage(decoding: Array(bytes.prefix(length))) else { continue }
            #expect(other != message && other.encoded() == Array(bytes.prefix(length)))
        }
    }

    /// What is read is what would be written: nothing is made up, and nothing takes more memory than the bytes that came.
    @Test(arguments: 0..<50)
    func mayHoldAnything(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        for _ in 0..<2000 {
            var bytes = clientMessages[random.pick(0...(clientMessages.count - 1))].encoded()
            for _ in 0...random.pick(0...3) {
                let place = random.pick(0...(bytes.count - 1))
                bytes[place] = random.pick(0...1) == 0 ? 0xFF : bytes[place] ^ UInt8(1 << random.pick(0...7))
            }
            guard let message = try? ClientMessage(decoding: bytes) else { continue }
            if case .handshake = message { continue }
            #expect(message.encoded() == bytes)
        }
    }

    @Test func numbersThatContradictEachOtherAreRefused() {
        let id = ClientCallID(session: clientKey, sequence: 1, settled: 2)
        let other = ClientCallID(session: clientKey, sequence: 2, settled: 2)
        for (id, patience) in [(id, 1), (other, -1)] as [(ClientCallID, Int64)] {
            let message = ClientMessage.request(
                1, .update("bank", id, patience: patience, method: 1, baggage: [], arguments: []))
            #expect(throws: ControlFlaw.self) { try ClientMessage(decoding: message.encoded()) }
        }
        let stranger = ClientMessage.members(
            view: 1, speaker: 9, [MeshNode(name: "a", incarnation: 1, process: 3, regionSize: 4)])
        #expect(throws: ControlFlaw.self) { try ClientMessage(decoding: stranger.encoded()) }
    }
}

@Suite("Which member a client calls")
struct MemberPolicyTests {
    private let candidates = ["a", "b", "c", "d"].enumerated().map { rank, name in
        MemberPolicy.Candidate(
            name: name, rank: rank, isOnThisHost: name == "c", distance: [nil, 5, 9, 4][rank])
    }

    private func names(_ policy: MemberPolicy, turn: Int = 0, without gone: String = "") -> String {
        let candidates = candidates.filter { $0.name != gone }
        return policy.order(candidates, turn: turn).map { candidates[$0].name }.joined()
    }

    @Test func eachHasItsOrder() {
        #expect(names(.first) == "abcd")
        #expect((0..<5).map { names(.roundRobin, turn: $0) } == ["abcd", "bcda", "cdab", "dabc", "abcd"])
        #expect(names(.nearest) == "cdba")
        #expect(names(.named("b")) == "b" && names(.named("x")).isEmpty)
        let random = Set((0..<200).map { _ in names(.random) })
        #expect(random.count > 10 && random.allSatisfy { $0.sorted() == ["a", "b", "c", "d"] })
        for policy in [.first, .random, .roundRobin, .nearest, .key("k")] as [MemberPolicy] {
            #expect(policy.order([], turn: 3).isEmpty)
        }
    }

    @Test func onlyTheKeysOfAMemberThatGoesLeadElsewhere() {
        let keys = (0..<400).map { "\($0)" }
        var counts: [Character: Int] = [:]
        for key in keys {
            let before = names(.key(key))
            counts[before.first ?? "-", default: 0] += 1
            #expect(names(.key(key), without: "b") == before.replacing("b", with: ""))
        }
        #expect(counts.count == 4 && counts.values.allSatisfy { $0 > 50 })
    }
}
