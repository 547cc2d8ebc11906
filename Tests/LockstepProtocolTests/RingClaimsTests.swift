import LockstepFabric
import LockstepTesting
import Testing

@testable import LockstepProtocol

@Suite("The claims of a ring")
struct RingClaimsTests {
    @Test("keep a header free for each open record, in case it is late")
    func headerReserve() throws {
        let ring = TestRing()
        // 64 bytes each, 16 more while it is open, and 16 for the word behind the last.
        let open = (0..<12).compactMap { _ in ring.claim(48) }
        #expect(open.count == 12)
        #expect(ring.claim(48) == nil)
        ring.claims.settle(RingProgress(settledMessages: 12))
        #expect(ring.claim(48, upTo: 100)?.count == 3)
    }

    @Test("give as many messages of a batch as there is room for, behind one header")
    func batch() throws {
        let ring = TestRing()
        let few = try #require(ring.claim(48, upTo: 5))
        #expect(few.count == 5)
        // 1024 bytes less 256 for those, 80 for their late headers, 16 for the word behind the last and 16 of header,
        // at 64 each.
        let rest = try #require(ring.claim(48, upTo: 100))
        #expect(rest.count == 10)
        #expect(ring.claim(48, upTo: 100) == nil)
        #expect(few.isBefore(rest) && !rest.isBefore(few))
        #expect(few.payload(0, in: ring.range) == 80..<128)
        #expect(few.payload(4, in: ring.range) == 272..<320)
        #expect(few.payloads(in: ring.range) == 80..<320)
        #expect(rest.payload(0, in: ring.range) == 336..<384)
    }

    @Test("put messages of a batch at multiples of 8, and what follows at multiples of 16", arguments: 0...40)
    func places(size: Int) throws {
        let ring = TestRing()
        let batch = try #require(ring.claim(size, upTo: 5))
        let next = try #require(ring.claim(8))
        #expect(batch.count == 5)
        let payloads = (0..<5).map { batch.payload($0, in: ring.range) }
        #expect(payloads.allSatisfy { $0.lowerBound % 8 == 0 && $0.count == size })
        #expect(zip(payloads, payloads.dropFirst()).allSatisfy { $0.upperBound...$0.upperBound + 7 ~= $1.lowerBound })
        let header = next.payload(0, in: ring.range).lowerBound - Record.headerSize
        #expect(header % 16 == 0)
        #expect(payloads[4].upperBound...payloads[4].upperBound + 15 ~= header)
    }

    @Test("cut a batch at the end of the ring, and go on at its start")
    func batchIsCutAtTheEnd() throws {
        let ring = TestRing()
        claimAndFree(3, of: 240, ring)
        let last = try #require(ring.claim(48, upTo: 100))
        #expect(last.count == 5)
        #expect(last.payloads(in: ring.range) == 848..<1088)
        let first = try #require(ring.claim(48, upTo: 100))
        #expect(first.payload(0, in: ring.range) == 80..<128)
        #expect(take(ring).isEmpty, "nothing is padded")
    }

    @Test("pad the end of the ring when a record does not fit there")
    func padding() throws {
        let ring = TestRing()
        claimAndFree(3, of: 240, ring)
        let small = try #require(ring.claim(16))
        let large = try #require(ring.claim(240, upTo: 2))
        #expect(small.payload(0, in: ring.range) == 848..<864)
        #expect(large.payload(0, in: ring.range) == 80..<320)
        let padding = try #require(take(ring).first)
        #expect(padding.isAbandoned)
        #expect(padding.claim.payload(0, in: ring.range) == 880..<1088)
    }

    @Test("have room for the longest message wherever the last one ended, once everything is free")
    func longestMessage() throws {
        let ring = TestRing()
        for place in stride(from: 16, through: 2048, by: 16) {
            claimAndFree(1, of: 0, ring)
            var probe = ring.claims
            let claim = probe.claim(payloadSize: Record.payloadMax(ring: 1024))
            #expect(claim != nil, "at \(place)")
        }
    }

    @Test("are taken in the order of commits, and number their messages in it")
    func orderOfCommits() throws {
        let ring = TestRing()
        let first = try #require(ring.claim(8))
        let second = try #require(ring.claim(0, upTo: 3))
        let third = try #require(ring.claim(8))
        #expect(take(ring).isEmpty)
        #expect(ring.commit(third) == 0)
        #expect(ring.commit(second) == 1)
        #expect(ring.commit(first) == 4)
        #expect(take(ring).map(\.claim) == [third, second, first])
        #expect(take(ring).isEmpty)
    }

    @Test("count no message for what is abandoned")
    func abandoned() throws {
        let ring = TestRing()
        let first = try #require(ring.claim(8))
        let second = try #require(ring.claim(8))
        ring.claims.abandon(first)
        #expect(ring.commit(second) == 0)
        #expect(take(ring).map(\.isAbandoned) == [true, false])
    }

    @Test("can be committed in part")
    func split() throws {
        let ring = TestRing()
        let claim = try #require(ring.claim(30, upTo: 4))
        let (written, rest) = claim.split(at: 3)
        #expect(written.count == 3 && rest.count == 1)
        // The first three take 16 bytes of header and 32 each, and the claim 32 more.
        #expect(written.start == claim.start && written.end == 112 && rest.start == 112 && rest.end == 144)
        #expect(claim.end == 144)
        #expect(ring.commit(written) == 0)
        ring.claims.abandon(rest)
        #expect(ring.commit(try #require(ring.claim(0))) == 3)
        // A part without records is nothing.
        ring.claims.abandon(claim.split(at: 4).rest)
        #expect(take(ring).map(\.claim.count) == [3, 1, 1])
    }

    @Test("wait for space to be freed, whatever older news comes later")
    func full() throws {
        let ring = TestRing()
        for _ in 0..<3 { #expect(ring.claim(240) != nil) }
        ring.claims.settle(RingProgress(settledMessages: 3))
        #expect(ring.claim(240) == nil)
        ring.claims.settle(RingProgress(freedBelow: 256))
        ring.claims.settle(RingProgress(freedBelow: 0))
        #expect(ring.claim(240) != nil)
        #expect(ring.claim(240) == nil)
    }

    // MARK: - Helpers

    /// Claims records, settles them and frees what they took.
    private func claimAndFree(_ count: Int, of payloadSize: Int, _ ring: TestRing) {
        for _ in 0..<count {
            guard let claim = ring.claim(payloadSize) else { return }
            ring.claims.settle(RingProgress(settledMessages: 1, freedBelow: claim.end))
        }
    }

    private func take(_ ring: TestRing) -> [Commit] {
        var commits: [Commit] = []
        ring.claims.take(into: &commits)
        return commits
    }
}

@Suite("A ring whose claims are committed in any order")
struct RingOrderTests {
    private struct State {
        /// Claims that have not ended.
        var open: [Claim] = []
        var committed: [[UInt8]] = []
        var read: [[UInt8]] = []
        var round: UInt64 = 0
    }

    @Test("gives back every message, in the order of commits", arguments: 1...200 as ClosedRange<UInt64>)
    func anyOrder(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let ring = TestRing()
        var state = State()
        for _ in 0..<400 { try step(ring, &state, &random) }
        while let claim = state.open.popLast() { commit(claim, ring, &state) }
        try drain(ring, &state)
        #expect(!state.committed.isEmpty)
        let isEqual = state.read == state.committed
        #expect(isEqual)
        // All of the ring is free again.
        let longest = ring.claim(Record.payloadMax(ring: 1024), upTo: 3)
        #expect(longest?.count ?? 0 > 0)
    }

    private func step(_ ring: TestRing, _ state: inout State, _ random: inout SeededRandom) throws {
        switch random.pick(0...9) {
        case 0...4:
            let size = random.pick([0, 8, 40, Record.payloadMax(ring: 1024)])
            if let claim = ring.claim(size, upTo: random.pick(1...4)) { state.open.append(claim) }
        case 5...7 where !state.open.isEmpty:
            let claim = state.open.remove(at: random.pick(0...state.open.count - 1))
            if random.oneIn(4) { ring.claims.abandon(claim) } else { commit(claim, ring, &state) }
        default:
            try drain(ring, &state)
        }
    }

    private func commit(_ claim: Claim, _ ring: TestRing, _ state: inout State) {
        let number = UInt64(state.committed.count)
        ring.commit(claim, number)
        for index in 0..<claim.count { state.committed.append(filler(claim.payloadSize, number + UInt64(index))) }
    }

    /// Sends, reads and releases everything; a null vouches for padding behind the last message.
    private func drain(_ ring: TestRing, _ state: inout State) throws {
        state.round = ring.send(from: state.round)
        if state.round > 0 { ring.writer.mark(state.round - 1) }
        if ring.writer.trailingPadding > 0 { state.round = max(state.round, ring.writer.vouchForPadding()) }
        _ = ring.publish()
        while try ring.reader.nextRound(below: state.round) != nil { state.read.append(Array(ring.reader.take())) }
        ring.release(below: state.round)
    }
}
