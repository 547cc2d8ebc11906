import CLockstep
import Glibc
import Testing

@testable import LockstepFabric

/// What every fabric promises. A lost wake-up shows as a test that never ends; the limit ends it.
@Suite("The promise of a fabric", .timeLimit(.minutes(2)))
struct FabricPromiseTests {
    @Test("Two pushes become visible in order", arguments: FabricKind.allCases)
    func order(kind: FabricKind) async throws {
        let pair = try Pair(name: "order", kind)
        let flag = try pair.regions[0].allocate(8)
        let last = 20_000 as UInt64
        async let pushing: Void = onThread {
            let fabric = pair.fabric(0)
            for count in 1...last {
                fabric.region.storeReleasing(count, at: pair.offset)
                fabric.push(pair.offset..<pair.offset + 8, to: toSecond)
                fabric.region.storeReleasing(count, at: flag)
                fabric.push(flag..<flag + 8, to: toSecond)
                fabric.flush(toSecond)
            }
            awaitAnswer(on: fabric, at: pair.offset)
        }
        let isInOrder = await onThread {
            let fabric = pair.fabric(1)
            var (isInOrder, seen) = (true, 0 as UInt64)
            while seen < last {
                seen = fabric.mirror(of: Peer(0)).loadAcquiring(flag)
                isInOrder = fabric.mirror(of: Peer(0)).loadAcquiring(pair.offset) >= seen && isInOrder
            }
            answer(on: fabric, at: pair.offset)
            return isInOrder
        }
        await pushing
        #expect(isInOrder)
    }

    @Test("Each word is whole", arguments: FabricKind.allCases)
    func wholeWords(kind: FabricKind) async throws {
        let pair = try Pair(name: "words", kind)
        let range = pair.offset + 8..<pair.offset + 8 + 512
        async let pushing: Void = onThread {
            let fabric = pair.fabric(0)
            for round in 1...5_000 as ClosedRange<UInt64> {
                for word in stride(from: range.lowerBound, to: range.upperBound, by: 8) {
                    fabric.region.storeReleasing(pattern(round % 255), at: word)
                }
                fabric.push(range, to: toSecond)
                fabric.flush(toSecond)
            }
            raise(on: fabric, at: pair.offset)
            awaitAnswer(on: fabric, at: pair.offset)
        }
        let areWhole = await onThread {
            let fabric = pair.fabric(1)
            let mirror = fabric.mirror(of: Peer(0))
            var areWhole = true
            while mirror.loadAcquiring(pair.offset) == 0 {
                for word in stride(from: range.lowerBound, to: range.upperBound, by: 8) {
                    let value = mirror.loadAcquiring(word)
                    areWhole = areWhole && value == pattern(value & 0xFF)
                }
            }
            answer(on: fabric, at: pair.offset)
            return areWhole
        }
        await pushing
        #expect(areWhole)
    }

    @Test("A push carries the values that it was posted with", arguments: FabricKind.allCases.filter(\.carriesValues))
    func valuesAtPosting(kind: FabricKind) throws {
        let pair = try Pair(name: "values", kind)
        let flag = try pair.regions[0].allocate(8)
        let (first, second) = (pair.fabric(0), pair.fabric(1))
        first.region.storeReleasing(1, at: pair.offset)
        first.push(pair.offset..<pair.offset + 8, to: toSecond)
        first.region.storeReleasing(2, at: pair.offset)
        raise(on: first, at: flag)
        let mirror = second.mirror(of: Peer(0))
        while mirror.loadAcquiring(flag) == 0 { second.takeBells { _ in } }
        #expect(mirror.loadAcquiring(pair.offset) == 1)
    }

    @Test("Who is disconnected writes nothing any more", arguments: FabricKind.allCases.filter(\.carriesValues))
    func fencing(kind: FabricKind) throws {
        let pair = try Pair(name: "fence", kind)
        let (first, second) = (pair.fabric(0), pair.fabric(1))
        let mirror = second.mirror(of: Peer(0))
        raise(on: first, at: pair.offset)
        while mirror.loadAcquiring(pair.offset) == 0 { second.takeBells { _ in } }
        _ = second.disconnect(Peer(0))
        let before = mirror.loadAcquiring(pair.offset)
        for _ in 0..<100 { raise(on: first, at: pair.offset) }
        // What would come, would come before the answer on the other channel.
        let (firstMember, secondMember) = (pair.fabric(0, .membership), pair.fabric(1, .membership))
        let flag = try pair.regions[0].allocate(8)
        raise(on: firstMember, at: flag)
        while mirror.loadAcquiring(flag) == 0 { secondMember.takeBells { _ in } }
        #expect(mirror.loadAcquiring(pair.offset) == before)
    }

    @Test("What is flushed without a bell arrives, and rings none", arguments: FabricKind.allCases)
    func silent(kind: FabricKind) throws {
        let pair = try Pair(name: "silent", kind)
        let (first, second) = (pair.fabric(0), pair.fabric(1))
        first.region.storeReleasing(1, at: pair.offset)
        first.push(pair.offset..<pair.offset + 8, to: toSecond)
        first.flush(toSecond)
        var bells: [Int] = []
        while second.mirror(of: Peer(0)).loadAcquiring(pair.offset) == 0 { second.takeBells { bells.append($0) } }
        second.takeBells { bells.append($0) }
        #expect(bells.isEmpty)
    }

    @Test("Bells come in order, or as one that stands for all", arguments: FabricKind.allCases)
    func bells(kind: FabricKind) throws {
        let pair = try Pair(name: "bells", kind)
        let (first, second) = (pair.fabric(0), pair.fabric(1))
        for bell in [3, 1, 1, Bell.all - 1] { first.notify(toSecond, of: bell) { true } }
        var expected = [3, 1, 1, Bell.all - 1]
        // Each at least once.
        while !expected.isEmpty {
            for bell in taken(1, by: second) where bell == expected.first { expected.removeFirst() }
        }
        for _ in 0..<2 * Bell.countMax { first.notify(toSecond, of: 2) { true } }
        first.notify(toSecond, of: 5) { true }
        raise(on: first, at: pair.offset)
        while second.mirror(of: Peer(0)).loadAcquiring(pair.offset) == 0 {}
        #expect(taken(1, by: second).contains(Bell.all))
        first.notify(toSecond, of: 7) { true }
        while taken(1, by: second).last != 7 {}
    }

    @Test("No wake-up is lost", arguments: FabricKind.allCases, [FabricChannel.polling, .membership])
    func pingPong(kind: FabricKind, channel: FabricChannel) async throws {
        let pair = try Pair(name: "ping-pong", kind)
        let rounds = 1...2_000 as ClosedRange<UInt64>
        async let answering: Void = onThread {
            let fabric = pair.fabric(1, channel)
            for round in rounds {
                pair.await(round, on: fabric, of: 1)
                pair.raise(to: round, on: fabric, of: 1)
            }
        }
        await onThread {
            let fabric = pair.fabric(0, channel)
            for round in rounds {
                pair.raise(to: round, on: fabric, of: 0)
                pair.await(round, on: fabric, of: 0)
            }
        }
        await answering
        #expect(pair.memories.allSatisfy { $0.mirror.loadAcquiring(pair.offset) == rounds.upperBound })
    }

    @Test("What comes during the last look ends the sleep", arguments: FabricKind.allCases)
    func lastLook(kind: FabricKind) throws {
        let pair = try Pair(name: "look", kind)
        let (sleeper, pusher) = (pair.fabric(0), pair.fabric(1))
        var hasPushed = false
        while sleeper.mirror(of: Peer(1)).loadAcquiring(pair.offset) == 0 {
            sleeper.park(until: nil) {
                if !hasPushed { pair.raise(to: 1, on: pusher, of: 1) }
                hasPushed = true
                return false
            }
        }
    }
}

private let toSecond = PeerSet([Peer(1)])

private func pattern(_ byte: UInt64) -> UInt64 { byte * 0x0101_0101_0101_0101 }

/// Raises a word of the first node, for the second to see.
private func raise(on fabric: NodeFabric, at offset: Int) {
    fabric.region.storeReleasing(fabric.region.load(offset) + 1, at: offset)
    fabric.push(offset..<offset + 8, to: toSecond)
    fabric.notify(toSecond, of: 0) { true }
}

/// The second node has seen all it wanted.
private func answer(on fabric: NodeFabric, at offset: Int) {
    fabric.region.storeReleasing(1, at: offset)
    fabric.push(offset..<offset + 8, to: PeerSet([Peer(0)]))
    fabric.notify(PeerSet([Peer(0)]), of: 0) { true }
}

private func awaitAnswer(on fabric: NodeFabric, at offset: Int) {
    let mirror = fabric.mirror(of: Peer(1))
    while mirror.loadAcquiring(offset) == 0 { fabric.park(until: nil) { mirror.loadAcquiring(offset) != 0 } }
}

/// The next bells, at least so many.
private func taken(_ count: Int, by fabric: NodeFabric) -> [Int] {
    var bells: [Int] = []
    while bells.count < count { fabric.takeBells { bells.append($0) } }
    return bells
}
