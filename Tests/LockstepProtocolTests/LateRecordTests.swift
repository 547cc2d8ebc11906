import LockstepFabric
import LockstepTesting
import Testing

@testable import LockstepProtocol

/// Two members that send, and a third that does not; the first one's claims end late.
@Suite("A claim that others overtake")
struct LateRecordTests {
    private let shard = TestShard(rings: [1024, 1024, 0])
    private var sender: TestMember { shard[0] }

    @Test("is delivered where it commits, and delays nobody before")
    func late() throws {
        let first = try #require(sender.claim())
        #expect(sender.post(2))
        try shard.settle()
        #expect(firstBytes == [[2], [2], [2]])
        sender.commit(first, 1)
        try shard.settle()
        #expect(firstBytes == [[2, 1], [2, 1], [2, 1]])
    }

    @Test("may be one of several, in any order", arguments: permutations(of: [0, 1, 2, 3]))
    func anyOrder(order: [Int]) throws {
        let claims = try (0..<4).map { try #require(sender.claim($0 * 20 + 1)) }
        for place in order {
            sender.commit(claims[place], UInt8(place))
            try shard.settle()
        }
        #expect(firstBytes == Array(repeating: order.map { UInt8($0) }, count: 3))
    }

    @Test("may be several that commit in one turn, with others between")
    func severalAtOnce() throws {
        let claims = try (0..<3).map { _ in try #require(sender.claim()) }
        #expect(sender.post(10))
        try shard.settle()
        sender.commit(claims[2], 2)
        #expect(sender.post(11))
        sender.commit(claims[0], 0)
        #expect(sender.post(12))
        sender.commit(claims[1], 1)
        #expect(shard[1].post(20))
        try shard.settle()
        for member in shard.members {
            let own = member.delivered.filter { $0.sender == 0 }
            #expect(own.map(\.bytes[0]) == [10, 2, 11, 0, 12, 1])
            #expect(member.delivered == sender.delivered)
        }
    }

    @Test("may be a batch", arguments: [1, 5, 11])
    func batch(size: Int) throws {
        let batch = try #require(sender.claim(size, upTo: 3))
        #expect(sender.post(9))
        try shard.settle()
        sender.commit(batch, 1)
        try shard.settle()
        #expect(shard.members.allSatisfy { $0.firstBytes == [9, 1, 2, 3] })
        for message in shard[2].delivered.dropFirst() {
            #expect(message.bytes == Array(repeating: message.bytes[0], count: size))
        }
    }

    @Test("may be a batch of which only a part commits", arguments: [false, true])
    func partOfABatch(isLate: Bool) throws {
        let batch = try #require(sender.claim(8, upTo: 3))
        #expect(sender.post(9))
        if isLate { try shard.settle() }
        let (written, rest) = batch.split(at: 2)
        sender.commit(written, 1)
        sender.claims.abandon(rest)
        try shard.settle()
        #expect(shard.members.allSatisfy { $0.firstBytes == [9, 1, 2] })
        try expectAllIsFreeAgain()
    }

    @Test("leaves no trace when it is abandoned, in place or after it was passed", arguments: [false, true])
    func abandoned(isPassed: Bool) throws {
        // More often than the ring has room for.
        for round in 0..<100 as Range<UInt8> {
            let claim = try #require(sender.claim(40))
            #expect(sender.post(round))
            if isPassed { try shard.settle() }
            sender.claims.abandon(claim)
            try shard.settle()
        }
        #expect(firstBytes == Array(repeating: Array(0..<100), count: 3))
        try expectAllIsFreeAgain()
    }

    @Test("never lends its space to others while it is open")
    func spaceIsNotReused() throws {
        let claim = try #require(sender.claim(40))
        let payload = claim.payload(0, in: sender.ring)
        let bytes = Array(repeating: 77 as UInt8, count: 40)
        bytes.withUnsafeBytes { sender.memory.region.write($0, at: payload.lowerBound) }
        var count = 0
        while sender.post(1) {
            count += 1
            try shard.settle()
            try #require(count < 1000, "the ring must become full")
        }
        // Everybody has read everything, and there is no room all the same.
        #expect(sender.delivered.count == count)
        #expect(sender.memory.region.mirror.bytes(payload).elementsEqual(bytes))
        sender.claims.commit(claim)
        try shard.settle()
        #expect(shard.members.allSatisfy { $0.delivered.last?.bytes == bytes })
        try expectAllIsFreeAgain()
    }

    @Test("does not lend its space either while a member has not released it")
    func lateSpaceIsKeptUntilItIsRead() throws {
        let claim = try #require(sender.claim(40))
        #expect(sender.post(1))
        try shard.settle()
        sender.commit(claim, 2)
        for member in [sender, shard[1]] {
            member.send()
            member.publish()
        }
        #expect(sender.takeProgress().freedBelow == 0)
        try shard.settle()
        #expect(sender.takeProgress().freedBelow > claim.end)
    }

    @Test("is released by a null when nothing follows its padding")
    func trailingPadding() throws {
        let claim = try #require(sender.claim(Record.payloadMax(ring: 1024)))
        sender.claims.abandon(claim)
        try shard.settle()
        #expect(sender.takeProgress().freedBelow == claim.end)
        #expect(shard.members.allSatisfy { $0.delivered.isEmpty })
    }

    @Test("waits for the next message when its padding is small")
    func smallTrailingPadding() throws {
        let claim = try #require(sender.claim(16))
        sender.claims.abandon(claim)
        try shard.settle()
        #expect(sender.takeProgress().freedBelow == 0)
        // What the others have released they say with the message after that.
        for byte in 1...2 as ClosedRange<UInt8> {
            #expect(sender.post(byte))
            try shard.settle()
        }
        #expect(sender.takeProgress().freedBelow > claim.end)
        #expect(firstBytes == [[1, 2], [1, 2], [1, 2]])
    }

    @Test("may come again and again, wherever in the ring it lies")
    func manyTurns() throws {
        var count = 0
        for round in 0..<200 as Range<UInt8> {
            let late = try #require(sender.claim(1 + Int(round) % 50))
            let batch = try #require(sender.claim(24, upTo: 2))
            sender.commit(batch, round)
            try shard.settle()
            sender.commit(late, 0xFF)
            try shard.settle()
            #expect(shard[2].delivered.last?.bytes == Array(repeating: 0xFF, count: late.payloadSize))
            count += batch.count + 1
        }
        #expect(shard[2].delivered.count == count)
        #expect(shard.members.allSatisfy { $0.delivered == sender.delivered })
    }

    // MARK: - Helpers

    private var firstBytes: [[UInt8]] { shard.members.map(\.firstBytes) }

    /// After one more message, the longest fits, so nothing but small padding can still be in use.
    private func expectAllIsFreeAgain() throws {
        #expect(sender.post(0))
        try shard.settle()
        sender.send()
        let claim = try #require(sender.claim(0))
        #expect(sender.takeProgress().freedBelow + 16 * 2 >= claim.start)
    }
}

/// All orders of some numbers.
private func permutations(of numbers: [Int]) -> [[Int]] {
    guard numbers.count > 1 else { return [numbers] }
    return numbers.flatMap { first in
        permutations(of: numbers.filter { $0 != first }).map { [first] + $0 }
    }
}
