import LockstepFabric
import LockstepTesting
import Testing

@testable import LockstepProtocol

@Suite("A shard of several members")
struct ShardTests {
    @Test("delivers at all members in one order, round by round", arguments: [0, 1, 32] as [UInt64])
    func oneOrder(nullWindow: UInt64) throws {
        let shard = TestShard(rings: [1024, 1024, 1024], nullWindow: nullWindow)
        for round in 0..<60 as Range<UInt8> {
            #expect(shard[Int(round) % 3].post(round))
            if round % 5 == 0 { #expect(shard[2].post(100 + round)) }
            if round % 7 == 6 { try shard.settle() }
        }
        try shard.settle()
        let order = shard[0].delivered
        #expect(order.count == 72)
        #expect(shard.members.allSatisfy { $0.delivered == order })
        #expect(order.allSatisfy { Int($0.position % 3) == $0.sender })
        #expect(zip(order, order.dropFirst()).allSatisfy { $0.position < $1.position })
    }

    @Test("delivers nothing before every member holds it")
    func stability() throws {
        let shard = TestShard(rings: [1024, 0, 0])
        #expect(shard[0].post(1))
        for _ in 0..<3 {
            try shard[0].turn()
            try shard[1].turn()
        }
        #expect(shard.members.allSatisfy { $0.delivered.isEmpty } && shard[0].core.stable == 0)
        shard[2].publish()
        try shard[1].turn()
        #expect(shard[1].firstBytes == [1] && shard[1].core.stable == 1)
    }

    @Test("does not wait for the places of members that do not send")
    func receivers() throws {
        let shard = TestShard(rings: [0, 1024, 0, 2048])
        #expect(shard.members.map(\.core.isSender) == [false, true, false, true])
        #expect(shard[1].post(1))
        #expect(shard[3].post(2))
        #expect(shard[3].post(3))
        try shard.settle()
        for member in shard.members {
            #expect(member.firstBytes == [1, 2, 3])
            #expect(member.delivered.map(\.sender) == [1, 3, 3])
            #expect(member.delivered.map(\.position) == [0, 1, 3])
        }
        #expect(shard[0].takeProgress() == RingProgress())
    }

    @Test("is quiet when all is delivered")
    func quiet() throws {
        let shard = TestShard(rings: [1024, 1024, 0])
        #expect(shard[0].post(1))
        try shard.settle()
        for member in shard.members {
            #expect(!member.publish() && !member.owesRelease)
            #expect(Set(member.core.receivedByMember).count == 1)
        }
    }

    @Test("says whether a turn would find something")
    func findsSomething() throws {
        let shard = TestShard(rings: [1024, 0])
        func news() -> [Bool] { shard.members.map { $0.core.hasNews } }
        try shard.settle()
        #expect(news() == [false, false])
        #expect(shard[0].post(1))
        try shard[0].turn()
        #expect(news() == [false, true])
        try shard[1].turn()
        #expect(news() == [true, false])
        try shard[0].turn()
        #expect(news() == [false, false])
    }

    @Test("knows how far each member has received")
    func receivedByMember() throws {
        let shard = TestShard(rings: [1024, 0, 0])
        for byte in 0..<3 as Range<UInt8> { #expect(shard[0].post(byte)) }
        shard[0].send()
        shard[0].publish()
        shard[2].publish()
        #expect(shard.members.map(\.core.receivedByMember) == [[3, 0, 3], [3, 0, 3], [3, 0, 3]])
    }

    // MARK: - In batches

    @Test("delivers the same in batches as one by one", arguments: 1...100 as ClosedRange<UInt64>)
    func batches(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let rings = [1024, 1024, random.oneIn(2) ? 0 : 2048, 0]
        let shard = TestShard(
            rings: rings, nullWindow: UInt64(random.pick([0, 1, 32])), batches: [nil, 1, random.pick(2...5), 256]
        )
        var open: [Int: Claim] = [:]
        for step in 0..<300 {
            let place = random.pick(0...3)
            let member = shard[place]
            switch random.pick(0...5) {
            case 0...2 where rings[place] > 0:
                _ = member.post(UInt8(step % 200), size: random.pick([0, 1, 30, 240]))
            case 3 where rings[place] > 0:
                if let claim = open.removeValue(forKey: place) {
                    if random.oneIn(3) { member.claims.abandon(claim) } else { member.commit(claim, 250) }
                } else {
                    open[place] = member.claim(random.pick(0...40))
                }
            default:
                try member.turn()
            }
        }
        for (place, claim) in open { shard[place].claims.abandon(claim) }
        try shard.settle()
        let order = shard[0].delivered
        #expect(order.count > 20)
        let areEqual = shard.members.map { $0.delivered == order }
        #expect(areEqual == [true, true, true, true])
    }

    @Test("keeps each sender's order in batches that are delivered at once", arguments: [1, 2, 256])
    func batchesInSendersOrder(batchMax: Int) throws {
        let shard = TestShard(rings: [1024, 1024, 0], delivery: .senders, batches: [batchMax])
        for round in 0..<40 as Range<UInt8> {
            #expect(shard[0].post(round))
            if round % 3 == 0 { #expect(shard[1].post(100 + round)) }
            if round % 4 == 0 { try shard.settle() }
        }
        try shard.settle()
        for member in shard.members {
            #expect(member.firstBytes.filter { $0 < 100 } == Array(0..<40))
            #expect(member.firstBytes.filter { $0 >= 100 } == (0..<14).map { 100 + 3 * $0 })
        }
    }

    @Test("hands over what came before damage, and then reports it", arguments: [1, 2, 10])
    func damage(batchMax: Int) throws {
        let shard = TestShard(rings: [1024], batches: [batchMax])
        #expect(shard[0].post(1))
        #expect(shard[0].post(2))
        #expect(shard[0].post(3))
        shard[0].send()
        shard[0].publish()
        // The second word of the third header.
        shard[0].memory.region.store(0, at: shard[0].ring.lowerBound + 2 * 32 + 8)
        #expect(throws: ProtocolError.self) { try shard[0].deliver() }
        #expect(shard[0].firstBytes == [1, 2])
        #expect(throws: ProtocolError.self) { try shard[0].deliver() }
    }

    @Test("takes nothing into no room, and goes on afterwards")
    func emptyBatch() throws {
        let shard = TestShard(rings: [1024])
        #expect(shard[0].post(1))
        shard[0].send()
        shard[0].publish()
        let none = UnsafeMutableBufferPointer<OrderedMulticast.Message>(start: nil, count: 0)
        let count = try shard[0].core.take(into: none)
        #expect(count == 0)
        try shard[0].deliver()
        #expect(shard[0].firstBytes == [1])
    }

    // MARK: - In the order of each sender

    @Test("delivers at once in the order of each sender, if it is asked to")
    func sendersOrder() throws {
        let shard = TestShard(rings: [1024, 1024, 0], delivery: .senders)
        #expect(shard[0].post(1))
        #expect(shard[0].post(2))
        shard[0].send()
        shard[0].publish()
        // The third member has not looked.
        try shard[1].turn()
        #expect(shard[1].firstBytes == [1, 2] && shard[1].core.stable == 0)
        #expect(shard[1].post(3))
        try shard.settle()
        for member in shard.members {
            #expect(member.delivered.filter { $0.sender == 0 }.map(\.bytes[0]) == [1, 2])
            #expect(member.delivered.filter { $0.sender == 1 }.map(\.bytes[0]) == [3])
            #expect(member.core.stable > (member.delivered.map(\.position).max() ?? 0))
        }
    }

    @Test(
        "keeps space that a member has not read, also if others have",
        arguments: [OrderedMulticast.DeliveryOrder.total, .senders]
    )
    func releasesByAll(delivery: OrderedMulticast.DeliveryOrder) throws {
        let shard = TestShard(rings: [1024, 1024, 0], delivery: delivery)
        var count = 0
        while shard[0].post(UInt8(count), size: 40) {
            count += 1
            try shard[0].turn()
            try shard[1].turn()
            try #require(count < 100, "the ring must become full")
        }
        #expect(shard[0].takeProgress().freedBelow == 0)
        try shard.settle()
        #expect(shard[2].firstBytes == (0..<count).map { UInt8($0) })
        #expect(shard[0].takeProgress().freedBelow > 0)
        #expect(shard[0].post(200, size: 240))
    }

    // MARK: - Who has to be woken

    @Test("makes the member that receives last wake the others, once")
    func completesStability() throws {
        let shard = TestShard(rings: [1024, 0, 0])
        #expect(shard[0].post(1))
        shard[0].send()
        shard[0].publish()
        #expect(shard[0].publication == .news)
        #expect(!shard[0].completesStability())
        shard[1].publish()
        #expect(shard[1].publication == .progress)
        #expect(!shard[1].completesStability())
        shard[2].publish()
        #expect(shard[2].publication == .progress)
        #expect(shard[2].completesStability())
        #expect(!shard[2].completesStability())
    }

    @Test("lets each of two that receive last at the same time wake the others")
    func bothComplete() throws {
        let shard = TestShard(rings: [1024, 0, 0])
        #expect(shard[0].post(1))
        shard[0].send()
        shard[0].publish()
        shard[1].publish()
        shard[2].publish()
        #expect(shard[1].completesStability() && shard[2].completesStability())
    }

    @Test("wakes the others for messages, for nulls that they wait for, and for much free space")
    func news() throws {
        let shard = TestShard(rings: [1024, 1024], nullWindow: 0)
        #expect(shard[0].post(1, size: 240))
        shard[0].send()
        shard[0].publish()
        shard[1].publish()
        #expect(shard[1].publication == .news, "a null fills its round")
        try shard[1].deliver()
        #expect(shard[1].owesRelease)
        shard[1].publish()
        #expect(shard[1].publication == .news)
        #expect(!shard[1].owesRelease)
    }

    @Test("rests when nobody sends")
    func nobodySends() throws {
        let shard = TestShard(rings: [0, 0])
        try shard.settle()
        #expect(shard[0].core.stable == 0 && shard[1].core.stable == 0)
    }
}
