import Foundation
import LockstepFabric
import LockstepTesting
import Synchronization
import Testing

@testable import Lockstep

/// A pair of ends, in one process, of a state on its way.
private final class Wire: Sendable {
    let incoming: IncomingState
    let outgoing: OutgoingState
    private let taken: Mutex<OutgoingState?>

    init(weight: Int) throws {
        let box = Box()
        outgoing = try OutgoingState(bytes: weight) { box.incoming.withLock(\.self)?.put($0) }
        taken = Mutex(outgoing)
        let (block, slots) = (outgoing.block, outgoing.block == nil ? nil : outgoing.slots)
        let mapped = try block.map { try SharedMemoryBlock(mapping: try #require($0.descriptor), size: $0.size) }
        incoming = IncomingState(in: mapped, slots) { [outgoing] progress in
            switch progress {
            case .taken(let count): outgoing.note(taken: count)
            case .isOver: outgoing.end(because: .isNotWanted)
            }
        }
        box.incoming.withLock { $0 = incoming }
    }

    private final class Box: Sendable {
        let incoming = Mutex<IncomingState?>(nil)
    }
}

/// The captured state, given on a thread of its own.
private func give(_ fill: (inout StateWriter) -> Void) throws -> (wire: Wire, reader: StateReader) {
    var writer = StateWriter()
    fill(&writer)
    let captured = writer.finish()
    let wire = try Wire(weight: captured.weight)
    BlockingThread.run(named: "giver") {
        do {
            try captured.write(to: wire.outgoing)
        } catch {
            wire.incoming.end(because: .cannotBeGiven("\(error)"))
        }
    }
    return (wire, try StateReader(StateStream(wire.incoming)))
}

private struct Item: Codable, Equatable, Sendable {
    var name: String
    var price: Double?
}

@Suite("A state on its way", .timeLimit(.minutes(1)))
struct StateStreamTests {
    private let words = (0..<10_000).map { "word \($0 &* 7919)" }

    @Test func arrivesWithEveryShapeOfProperty() throws {
        let bytes = (0..<1_500_001).map { UInt8(truncatingIfNeeded: $0 &* 131) }
        let items = words.enumerated().map { Item(name: $1, price: $0.isMultiple(of: 3) ? nil : Double($0)) }
        let map = Dictionary(uniqueKeysWithValues: words.enumerated().map { ($1, $0) })
        let set = Set(words)
        let optional: [Int]? = Array(0..<100_000)
        let (wire, reader) = try give { writer in
            writer.write(bytes, named: "bytes")
            writer.write(items, named: "items")
            writer.write(map, named: "map")
            writer.write(set, named: "set")
            writer.write(optional, named: "optional")
            writer.write([Int](), named: "empty")
            writer.write(7, named: "small")
        }
        #expect(try reader.read("bytes", or: []) == bytes)
        #expect(try reader.read("items", or: []) == items)
        #expect(try reader.read("map", or: [:]) == map)
        #expect(try reader.read("set", or: []) == set)
        #expect(try reader.read("optional", or: [Int]?.none) == optional)
        #expect(try reader.read("empty", or: [1]) == [])
        #expect(try reader.read("small", or: 0) == 7)
        #expect(try reader.read("unknown", or: 5) == 5)
        #expect(wire.incoming.progress.fraction == 1)
    }

    @Test func isTheSameInAnyOrderAndAsOtherTypes() throws {
        let map = Dictionary(uniqueKeysWithValues: words.enumerated().map { ($1, $0) })
        let (_, reader) = try give { writer in
            writer.write(map, named: "map")
            writer.write(Set(words), named: "set")
            writer.write(words, named: "array")
            writer.write([UInt8](repeating: 3, count: 100_000), named: "bytes")
        }
        try reader.check([UInt8](repeating: 3, count: 100_000), named: "bytes")
        #expect(try reader.read("bytes", or: []) == [Int](repeating: 3, count: 100_000))
        #expect(try Set(reader.read("array", or: [])) == Set(words))
        // A set that became an array has the order of its bytes.
        #expect(try reader.read("set", or: [String]()).count == words.count)
        try reader.check(map, named: "map")
        #expect(throws: LockstepError.self) { try reader.check(["a": 1], named: "map") }
    }

    @Test func carriesOneValueThatIsLargerThanAllSlots() throws {
        let text = String(repeating: "é", count: 4_500_000)
        let (_, reader) = try give {
            $0.write([text, "b"], named: "texts"); $0.write(text, named: "text")
        }
        #expect(try reader.read("texts", or: []) == [text, "b"])
        #expect(try reader.read("text", or: "") == text)
    }

    @Test func sayWhichPropertyCannotBeGiven() throws {
        struct Stubborn: Codable, Sendable {
            struct Refusal: Error {}
            func encode(to encoder: any Encoder) throws { throw Refusal() }
        }
        #expect {
            let (_, reader) = try give { writer in
                writer.write(words, named: "words")
                writer.write(Stubborn(), named: "stubborn")
            }
            _ = try reader.read("other", or: 0)
        } throws: {
            "\($0)".contains("\"stubborn\"")
        }
    }

    @Test func endsForTheGiverWhenNoMoreIsWanted() throws {
        var writer = StateWriter()
        writer.write([UInt8](repeating: 1, count: 20_000_000), named: "bytes")
        let captured = writer.finish()
        let wire = try Wire(weight: captured.weight)
        wire.incoming.finish()
        #expect(throws: StateInterruption.self) { try captured.write(to: wire.outgoing) }
    }

    @Test func isReadToWhereItBreaksOff() throws {
        var writer = StateWriter()
        writer.write(words, named: "words")
        writer.write([UInt8](repeating: 1, count: 20_000_000), named: "bytes")
        let captured = writer.finish()
        let wire = try Wire(weight: captured.weight)
        BlockingThread.run(named: "giver") { try? captured.write(to: wire.outgoing) }
        let reader = try StateReader(StateStream(wire.incoming))
        #expect(try reader.read("words", or: []) == words)
        wire.incoming.end(because: .isGone)
        #expect(throws: StateInterruption.self) { _ = try reader.read("bytes", or: [UInt8]()) }
        wire.outgoing.end(because: .isGone)
    }

    @Test func isAsTheDocumentSays() throws {
        var writer = StateWriter()
        writer.write(7, named: "count")
        writer.write("ab", named: "name")
        let sent = Mutex<[UInt8]>([])
        try writer.finish().write(to: OutgoingState(bytes: 0) { chunk in sent.withLock { $0 += chunk.bytes } })
        let text = sent.withLock(\.self).map { String(format: "%02X", $0) }.joined(separator: " ")
        let document = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../docs/state-transfer.md")
        #expect(try String(contentsOf: document, encoding: .utf8).contains("\n\(text)\n"))
    }

    @Test func neverCrashesOnDamage() throws {
        var writer = StateWriter()
        writer.write(Array(0..<9_000), named: "numbers")
        writer.write(["a": 1, "b": 2], named: "map")
        let chunks = Mutex<[StateChunk]>([])
        let outgoing = try OutgoingState(bytes: 0) { chunk in chunks.withLock { $0.append(chunk) } }
        outgoing.note(taken: 100)
        try writer.finish().write(to: outgoing)
        for seed in 0..<400 { try read(chunks.withLock(\.self), damagedBy: seed) }
    }

    private func read(_ chunks: [StateChunk], damagedBy seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        let incoming = IncomingState { _ in }
        for chunk in chunks {
            var bytes = chunk.bytes
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                bytes[Int.random(in: 0..<min(bytes.count, seed.isMultiple(of: 2) ? 40 : .max), using: &random)] =
                    .random(in: 0...255, using: &random)
            }
            if seed % 5 == 0 { bytes.removeLast(Int.random(in: 0...bytes.count, using: &random)) }
            incoming.put(
                StateChunk(
                    number: chunk.number, size: bytes.count, bytes: bytes, goesOn: chunk.goesOn, isLast: chunk.isLast,
                    progress: chunk.progress))
        }
        incoming.end(because: .isGone)
        // Whatever comes is a value or an error.
        _ = try? StateReader(StateStream(incoming)).read("numbers", or: [Int]())
        _ = try? StateReader(StateStream(incoming)).read("map", or: [String: Int]())
    }
}
