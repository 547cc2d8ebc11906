import LockstepFabric
import LockstepTesting
import Testing

@testable import LockstepProtocol

@Suite("A shard of one member")
struct OrderedMulticastTests {
    private let memory = SimulatedMemory(size: 64 + 1024)

    private func shard(positionMax: UInt64 = OrderedMulticast.positionMax) -> OrderedMulticast {
        let layout = ShardLayout(
            view: 1, members: [.init(peer: Peer(0), line: 0, ring: 64..<64 + 1024)], me: 0
        )
        return OrderedMulticast(
            layout: layout, region: memory.region, mirrors: [memory.mirror], positionMax: positionMax
        )
    }

    @Test("delivers its own messages in order")
    func delivers() throws {
        var shard = shard()
        for byte in 0..<3 as Range<UInt8> { #expect([byte].withUnsafeBytes { shard.append($0) }) }
        shard.observe()
        _ = shard.publish()
        for byte in 0..<3 as Range<UInt8> {
            let message = try #require(try shard.next())
            #expect(Array(message.payload) == [byte] && message.position == UInt64(byte) && message.sender == 0)
        }
        #expect(try shard.next() == nil)
    }

    @Test("has nothing to push when nothing has changed")
    func rests() throws {
        var shard = shard()
        shard.observe()
        #expect(shard.publish().line == nil)
        #expect([UInt8]().withUnsafeBytes { shard.append($0) })
        shard.observe()
        #expect(shard.publish().line != nil)
        while try shard.next() != nil {}
        shard.observe()
        #expect(shard.publish().line == nil)
    }

    @Test("stops with an error before its counters run out")
    func exhausted() throws {
        var shard = shard(positionMax: 2)
        for _ in 0..<3 { #expect([UInt8]().withUnsafeBytes { shard.append($0) }) }
        shard.observe()
        #expect(throws: ProtocolError.countersExhausted) { try shard.next() }
    }
}
