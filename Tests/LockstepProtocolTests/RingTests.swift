import LockstepFabric
import LockstepTesting
import Testing

@testable import LockstepProtocol

@Suite("A ring")
struct RingTests {
    @Test("gives back what was written, the empty message and the longest one included")
    func payloads() throws {
        let ring = TestRing()
        let sizes = [0, 1, 15, 16, 17, Record.payloadMax(ring: ring.range.count)]
        for (round, size) in sizes.enumerated() { #expect(ring.append(size, UInt64(round))) }
        for (round, size) in sizes.enumerated() {
            #expect(try ring.reader.nextRound(below: 100) == UInt64(round))
            #expect(Array(ring.reader.take()) == filler(size, UInt64(round)))
            #expect(ring.reader.takePassedBytes() == Record.size(payload: size))
        }
        #expect(try ring.reader.nextRound(below: 100) == nil)
        #expect(ring.reader.takePassedBytes() == 0)
    }

    @Test("shows no record of a round that has not been sent")
    func notBeyondSent() throws {
        let ring = TestRing()
        #expect(ring.append(8, 5))
        #expect(try ring.reader.nextRound(below: 5) == nil)
        #expect(try ring.reader.nextRound(below: 6) == 5)
    }

    @Test("goes on at its start when a record ends exactly at its end")
    func exactWrap() throws {
        let ring = TestRing()
        // Four records of 256 bytes are the ring; the last finds room only when the first is free.
        for round in 0..<3 as Range<UInt64> { #expect(ring.append(240, round)) }
        #expect(!ring.append(240, 3))
        _ = ring.publish()
        #expect(try ring.rounds(below: 1) == [0])
        ring.release(below: 1)
        #expect(ring.append(240, 3))
        #expect(ring.publish() == [832..<1088, 64..<80])
        #expect(try ring.rounds(below: 4) == [1, 2, 3])
        ring.release(below: 4)
        #expect(ring.append(0, 4))
        #expect(ring.publish() == [64..<96])
        #expect(try ring.rounds(below: 5) == [4])
    }

    @Test("pads its end when the next record does not fit there")
    func padding() throws {
        let ring = TestRing()
        for round in 0..<4 as Range<UInt64> { #expect(ring.append(200, round)) }
        _ = ring.publish()
        #expect(!ring.append(200, 4))
        #expect(try ring.rounds(below: 2) == [0, 1])
        ring.release(below: 2)
        #expect(ring.append(200, 4))
        #expect(ring.publish() == [960..<1088, 64..<304])
        #expect(try ring.rounds(below: 5) == [2, 3, 4])
        // The padding is freed with the message behind it, so the ring can be filled again.
        ring.release(below: 5)
        for round in 5..<8 as Range<UInt64> { #expect(ring.append(200, round)) }
        _ = ring.publish()
        #expect(try ring.rounds(below: 8) == [5, 6, 7])
    }

    @Test("frees nothing that has not been released")
    func unreleasedStays() {
        let ring = TestRing()
        for round in 0..<3 as Range<UInt64> { #expect(ring.append(240, round)) }
        ring.release(below: 0)
        #expect(!ring.append(240, 3))
        ring.release(below: 1)
        #expect(ring.append(240, 3))
        #expect(!ring.append(240, 4))
    }

    @Test("counts the rounds of other senders in what is released")
    func releasedAmongSenders() {
        let ring = TestRing()
        for round in 0..<3 as Range<UInt64> { #expect(ring.append(240, round)) }
        // Round 0 of the sender at place 2 of 4 is position 2.
        ring.writer.free(released: 2, of: 2, among: 4)
        #expect(ring.writer.takeProgress() == RingProgress(settledMessages: 3, freedBelow: 0))
        ring.writer.free(released: 3, of: 2, among: 4)
        #expect(ring.writer.takeProgress() == RingProgress(settledMessages: 0, freedBelow: 256))
    }

    @Test("publishes that it is empty, once, over whatever lay there")
    func emptyStart() {
        let ring = TestRing()
        #expect(ring.publish() == [64..<80])
        #expect(ring.publish().isEmpty)
    }

    @Test("shows no record of another view")
    func otherView() throws {
        let ring = TestRing()
        var reader = ring.reader(view: 4)
        #expect(ring.append(8, 0))
        #expect(try reader.nextRound(below: 1) == nil)
    }

    @Test(
        "does not believe a header that no writer writes",
        arguments: [
            0, 4 << 60, 0x1000_0000_0000_03F1, 0x2000_0000_0000_03F1, 0x2000_0000_3FFF_FFFF, 0x2000_0000_0000_0001,
            0x3000_00FA_0000_0009, .max,
            // No message, and more messages than were sent.
            0x1000_0000_0000_0008, 0x1000_0000_8000_0008,
        ] as [UInt64]
    )
    func corruptHeader(word: UInt64) {
        let ring = TestRing()
        #expect(ring.append(8, 0))
        ring.memory.region.store(word, at: ring.range.lowerBound + 8)
        let error = #expect(throws: ProtocolError.self) { try ring.reader.nextRound(below: 1) }
        #expect(error == .corruptRecord(offset: 64, word: word))
        #expect(error?.description.contains("offset 64") == true)
    }

    @Test("does not look at the length of a record that is still arriving")
    func halfArrived() throws {
        let ring = TestRing()
        #expect(ring.append(8, 0))
        ring.memory.region.store(.max, at: ring.range.lowerBound + 8)
        #expect(try ring.reader.nextRound(below: 0) == nil)
    }
}
