import LockstepFabric
import LockstepTesting
import Testing

@testable import LockstepProtocol

@Suite("A ring")
struct RingTests {
    private static let ring = 64..<64 + 1024
    private let memory = SimulatedMemory(size: 64 + 1024 + 64)
    private let tag = ViewTag(view: 3)

    private var writer: RingWriter { RingWriter(region: memory.region, ring: Self.ring, tag: tag) }
    private var reader: RingReader { RingReader(mirror: memory.mirror, ring: Self.ring, tag: tag) }

    @Test("gives back what was written, the empty message and the longest one included")
    func payloads() throws {
        var (writer, reader) = (writer, reader)
        let sizes = [0, 1, 15, 16, 17, Record.payloadMax(ring: Self.ring.count)]
        for (round, size) in sizes.enumerated() { #expect(append(size, UInt64(round), to: &writer)) }
        for (round, size) in sizes.enumerated() {
            #expect(try reader.nextRound(below: 100) == UInt64(round))
            let (payload, used) = reader.take()
            #expect(Array(payload) == filler(size, UInt64(round)))
            #expect(used == Record.size(payload: size))
        }
        #expect(try reader.nextRound(below: 100) == nil)
    }

    @Test("shows no record of a round that has not been sent")
    func notBeyondSent() throws {
        var (writer, reader) = (writer, reader)
        #expect(append(8, 5, to: &writer))
        #expect(try reader.nextRound(below: 5) == nil)
        #expect(try reader.nextRound(below: 6) == 5)
    }

    @Test("goes on at its start when a record ends exactly at its end")
    func exactWrap() throws {
        var (writer, reader) = (writer, reader)
        // Four records of 256 bytes are the ring; the last finds room only when the first is free.
        for round in 0..<3 as Range<UInt64> { #expect(append(240, round, to: &writer)) }
        #expect(!append(240, 3, to: &writer))
        _ = writer.takeUnpublished()
        #expect(rounds(&reader, below: 1) == [0])
        writer.free(position: 1, of: 0, among: 1)
        #expect(append(240, 3, to: &writer))
        #expect(writer.takeUnpublished() == [832..<1088, 64..<80])
        #expect(rounds(&reader, below: 4) == [1, 2, 3])
        writer.free(position: 4, of: 0, among: 1)
        #expect(append(0, 4, to: &writer))
        #expect(writer.takeUnpublished() == [64..<96])
        #expect(rounds(&reader, below: 5) == [4])
    }

    @Test("pads its end when the next record does not fit there")
    func padding() throws {
        var (writer, reader) = (writer, reader)
        for round in 0..<4 as Range<UInt64> { #expect(append(200, round, to: &writer)) }
        _ = writer.takeUnpublished()
        #expect(!append(200, 4, to: &writer))
        #expect(rounds(&reader, below: 2) == [0, 1])
        writer.free(position: 2, of: 0, among: 1)
        #expect(append(200, 4, to: &writer))
        #expect(writer.takeUnpublished() == [960..<1088, 64..<304])
        #expect(rounds(&reader, below: 5) == [2, 3, 4])
        // The padding is freed with the message behind it, so the ring can be filled again.
        writer.free(position: 5, of: 0, among: 1)
        for round in 5..<8 as Range<UInt64> { #expect(append(200, round, to: &writer)) }
        #expect(rounds(&reader, below: 8) == [5, 6, 7])
    }

    @Test("frees nothing that has not been published")
    func unpublishedStays() {
        var writer = writer
        for round in 0..<3 as Range<UInt64> { #expect(append(240, round, to: &writer)) }
        writer.free(position: .max, of: 0, among: 1)
        #expect(!append(240, 3, to: &writer))
    }

    @Test("publishes that it is empty, once, over whatever lay there")
    func emptyStart() {
        var writer = writer
        #expect(writer.takeUnpublished() == [64..<80])
        #expect(writer.takeUnpublished().isEmpty)
    }

    @Test("shows no record of another view")
    func otherView() throws {
        var writer = writer
        var reader = RingReader(mirror: memory.mirror, ring: Self.ring, tag: ViewTag(view: 4))
        #expect(append(8, 0, to: &writer))
        #expect(try reader.nextRound(below: 1) == nil)
    }

    @Test(
        "does not believe a header that no writer writes",
        arguments: [0, 3 << 56, 1 << 56 | 1009, 2 << 56 | .max >> 8]
    )
    func corruptHeader(word: UInt64) {
        var (writer, reader) = (writer, reader)
        #expect(append(8, 0, to: &writer))
        memory.region.store(word, at: Self.ring.lowerBound + 8)
        let error = #expect(throws: ProtocolError.self) { try reader.nextRound(below: 1) }
        #expect(error == .corruptRecord(offset: 64, word: word))
        #expect(error?.description.contains("offset 64") == true)
    }

    @Test("does not look at the length of a record that is still arriving")
    func halfArrived() throws {
        var (writer, reader) = (writer, reader)
        #expect(append(8, 0, to: &writer))
        memory.region.store(.max, at: Self.ring.lowerBound + 8)
        #expect(try reader.nextRound(below: 0) == nil)
    }

    // MARK: - Helpers

    private func append(_ size: Int, _ round: UInt64, to writer: inout RingWriter) -> Bool {
        filler(size, round).withUnsafeBytes { writer.append($0, round: round) }
    }

    private func filler(_ size: Int, _ round: UInt64) -> [UInt8] {
        Array(repeating: UInt8(round + 1), count: size)
    }

    private func rounds(_ reader: inout RingReader, below sent: UInt64) -> [UInt64] {
        var rounds: [UInt64] = []
        while let round = try? reader.nextRound(below: sent) {
            let (payload, _) = reader.take()
            #expect(payload.allSatisfy { $0 == UInt8(round + 1) })
            rounds.append(round)
        }
        return rounds
    }
}
