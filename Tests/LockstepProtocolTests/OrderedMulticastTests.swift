import LockstepFabric
import LockstepTesting
import Testing

@testable import LockstepProtocol

@Suite("A shard of one member")
struct OrderedMulticastTests {
    @Test("delivers its own messages in order")
    func delivers() throws {
        let member = TestShard(rings: [1024])[0]
        for byte in 0..<3 as Range<UInt8> { #expect(member.post(byte, size: 1)) }
        try member.turn()
        #expect(member.delivered == (0..<3).map { Delivered(sender: 0, position: UInt64($0), bytes: [UInt8($0)]) })
        #expect(try member.core.next() == nil)
    }

    @Test("has nothing to push when nothing has changed")
    func rests() throws {
        let shard = TestShard(rings: [1024])
        #expect(!shard[0].publish())
        #expect(shard[0].post(1, size: 0))
        shard[0].send()
        #expect(shard[0].publish())
        try shard[0].deliver()
        #expect(!shard[0].publish())
    }

    @Test("stops with an error before its counters run out")
    func exhausted() throws {
        let member = TestShard(rings: [1024], positionMax: 2)[0]
        for _ in 0..<3 { #expect(member.post(0, size: 0)) }
        #expect(throws: ProtocolError.countersExhausted) { try member.turn() }
        #expect(member.delivered.count == 3)
    }
}
