import Testing

@testable import LockstepFabric

/// Threads of two nodes with several pollers each.
@Suite("Strands", .timeLimit(.minutes(1)))
struct StrandTests {
    static let counts = [(1, 1), (2, 2), (1, 2), (4, 1), (2, 8)]

    @Test("Each strand has one thread at each end", arguments: FabricKind.allCases, counts)
    func threads(kind: FabricKind, counts: (Int, Int)) async throws {
        let pair = try Pair(name: "strands", kind, pollers: [counts.0, counts.1])
        let offsets = try (0..<Strand.count).map { _ in try pair.regions.map { try $0.allocate(8) }[0] }
        async let pushing: Void = onThread {
            let fabrics = (0..<counts.0).map { pair.fabric(0, .poller($0)) }
            for (strand, offset) in offsets.enumerated() {
                let fabric = fabrics[strand % counts.0]
                fabric.region.storeReleasing(1, at: offset)
                fabric.push(offset..<offset + 8, to: PeerSet([Peer(1)]), on: strand)
                fabric.notify(PeerSet([Peer(1)]), of: strand, on: strand) { true }
            }
            awaitAll(offsets, on: fabrics)
        }
        let heard = await onThread {
            let fabrics = (0..<counts.1).map { pair.fabric(1, .poller($0)) }
            var heard = [Set<Int>](repeating: [], count: fabrics.count)
            var isHeard = false
            while !isHeard {
                for (poller, fabric) in fabrics.enumerated() { fabric.takeBells { heard[poller].insert($0) } }
                isHeard = offsets.indices.allSatisfy { heard[$0 % counts.1].contains($0) }
            }
            for (strand, offset) in offsets.enumerated() {
                let fabric = fabrics[strand % counts.1]
                while fabric.mirror(of: Peer(0)).loadAcquiring(offset) == 0 { fabric.takeBells { _ in } }
                fabric.region.storeReleasing(1, at: offset)
                fabric.push(offset..<offset + 8, to: PeerSet([Peer(0)]), on: strand)
                fabric.notify(PeerSet([Peer(0)]), of: strand, on: strand) { true }
            }
            return heard
        }
        await pushing
        // A bell goes to the thread that has its strand. Another one may hear it too, if one of mine is for several of theirs.
        for strand in offsets.indices { #expect(heard[strand % counts.1].contains(strand)) }
        if counts.0 >= counts.1 {
            for (poller, bells) in heard.enumerated() { #expect(bells.allSatisfy { $0 % counts.1 == poller }) }
        }
    }

    @Test("A strand wakes the thread that has it, and no other", arguments: FabricKind.allCases, counts)
    func wakes(kind: FabricKind, counts: (Int, Int)) async throws {
        for strand in [0, 3, 6] {
            let pair = try Pair(name: "wakes", kind, pollers: [counts.0, counts.1])
            let offset = try pair.regions.map { try $0.allocate(8) }[0]
            let (mine, theirs) = (FabricChannel.poller(strand % counts.0), FabricChannel.poller(strand % counts.1))
            async let sleeping: Void = onThread {
                let fabric = pair.fabric(1, theirs)
                sleep(on: fabric, until: fabric.mirror(of: Peer(0)), at: offset)
                fabric.region.storeReleasing(1, at: offset)
                fabric.push(offset..<offset + 8, to: PeerSet([Peer(0)]), on: strand)
                fabric.notify(PeerSet([Peer(0)]), of: strand, on: strand) { true }
            }
            await onThread {
                let fabric = pair.fabric(0, mine)
                pair.awaitParked(1, theirs)
                fabric.region.storeReleasing(1, at: offset)
                fabric.push(offset..<offset + 8, to: PeerSet([Peer(1)]), on: strand)
                fabric.notify(PeerSet([Peer(1)]), of: strand, on: strand) { true }
                sleep(on: fabric, until: fabric.mirror(of: Peer(1)), at: offset)
            }
            await sleeping
        }
    }

    private func sleep(on fabric: NodeFabric, until mirror: Mirror, at offset: Int) {
        while mirror.loadAcquiring(offset) == 0 { fabric.park(until: nil) { mirror.loadAcquiring(offset) != 0 } }
    }

    /// Looks at each word on the thread that has its strand, until all are there.
    private func awaitAll(_ offsets: [Int], on fabrics: [NodeFabric]) {
        for (strand, offset) in offsets.enumerated() {
            let fabric = fabrics[strand % fabrics.count]
            while fabric.mirror(of: Peer(1)).loadAcquiring(offset) == 0 { fabric.takeBells { _ in } }
        }
    }
}
