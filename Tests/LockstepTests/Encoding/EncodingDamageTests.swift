import Foundation
import LockstepTesting
import Testing

@testable import Lockstep

extension EncodingTests {
    @Suite("Damaged bytes give an error or a value, never a crash")
    struct DamageTests {
        /// Reads the bytes as several types. What comes back must encode again.
        func readAll(_ bytes: [UInt8]) {
            read(Everything.self, bytes)
            read([Shape].self, bytes)
            read(Loose.self, bytes)
            read([Point: Set<Colour>].self, bytes)
            read([String: [Double?]].self, bytes)
            read(Set<[UInt8]>.self, bytes)
            read([Level].self, bytes)
            read(Data.self, bytes)
            read(Decimal.self, bytes)
            read(Int128.self, bytes)
        }

        func read<T: Codable>(_ type: T.Type, _ bytes: [UInt8]) {
            guard let value = try? decode(type, from: bytes) else { return }
            #expect(throws: Never.self) { _ = try encode(value) }
        }

        func payloads() throws -> [[UInt8]] {
            [
                try encode(Everything()),
                try encode([Shape.line(Point(x: 1, y: 2), Point(x: -300, y: .nan)), .group([.none])]),
                try encode(Loose.object(["a": .list([.null, .number(.min)]), "b": .text("é")])),
                try encode([Point(x: 1, y: 1): Set(Colour.allCases), Point(x: 2, y: 1): []]),
                try encode(Data(repeating: 1, count: 20)),
                try encode(Decimal(1.5)),
            ]
        }

        @Test func truncations() throws {
            for payload in try payloads() {
                for count in payload.indices { readAll(Array(payload[..<count])) }
            }
            let whole = try encode(Everything())
            for count in whole.indices {
                #expect(throws: (any Error).self) {
                    try decode(Everything.self, from: Array(whole[..<count]))
                }
            }
            #expect(throws: WireError.trailing(offset: whole.count, left: 1)) {
                try decode(Everything.self, from: whole + [0])
            }
        }

        @Test func singleBits() throws {
            for payload in try payloads() {
                for bit in 0..<payload.count * 8 {
                    var damaged = payload
                    damaged[bit / 8] ^= 1 << UInt8(bit % 8)
                    readAll(damaged)
                }
            }
        }

        @Test func randomBytes() {
            var generator = SeededRandom(seed: 42)
            for _ in 0..<20_000 {
                let count = Int.random(in: 0..<48, using: &generator)
                // Most bytes are integers; the heads are what is worth hitting.
                let bytes = (0..<count).map { _ in
                    Bool.random(using: &generator)
                        ? UInt8.random(in: 0xC0...0xCF, using: &generator)
                        : UInt8.random(in: 0...255, using: &generator) & 0x8F
                }
                readAll(bytes)
            }
        }

        @Test func absurdCounts() {
            let counts: [[UInt8]] = [
                [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
                [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
                [0xFF, 0xFF, 0xFF, 0xFF, 0x0F],
                [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
            ]
            for tag in [WireTag.string, .bytes, .array, .set, .map] {
                for count in counts {
                    let bytes = [tag.rawValue] + count + [1, 2, 3]
                    readAll(bytes)
                    #expect(throws: (any Error).self) { try decode([Int].self, from: bytes) }
                    #expect(throws: (any Error).self) { try decode(Loose.self, from: bytes) }
                }
            }
        }

        @Test func absurdDepth() throws {
            for head: [UInt8] in [[0xCC, 1], [0xCD, 1], [0xCE, 1, 0], [0xCE, 1], [0xC1]] {
                let bytes = Array(repeatElement(head, count: 100_000).joined()) + [0]
                readAll(bytes)
                read(Endless.self, bytes)
            }
            let list = (0..<63).reduce(Loose.null) { inner, _ in .list([inner]) }
            #expect(try roundTrip(list) == list)
            let deep = (0..<65).reduce(Loose.null) { inner, _ in .list([inner]) }
            #expect(throws: WireError.tooDeep(limit: WireLimit.depth)) { try encode(deep) }
            #expect(throws: WireError.tooDeep(limit: WireLimit.calls)) { try decode(Endless.self, from: [0]) }
            #expect(throws: WireError.self) { try encode(Endless(next: nil, isEndless: true)) }
        }

        @Test func endlessNestedContainersAreRefused() {
            let error = #expect(throws: WireError.self) {
                try encode(
                    Custom { encoder in
                        var container = encoder.unkeyedContainer()
                        for _ in 0..<100_000 { container = container.nestedUnkeyedContainer() }
                    })
            }
            #expect(error == .tooDeep(limit: WireLimit.depth))
        }

        @Test(
            arguments: [
                [0xCD, 2, 2, 1], [0xCD, 2, 1, 1], [0xCD, 2, 1, 0xC4, 1], [0xCD, 1, 0xC4, 0x80, 0x00],
            ] as [[UInt8]])
        func setsOutOfOrder(bytes: [UInt8]) {
            #expect(throws: WireError.self) { try decode(Set<Int>.self, from: bytes) }
            #expect(throws: (any Error).self) { try decode(Set<Identifier>.self, from: bytes) }
        }

        @Test func mapsOutOfOrder() {
            for bytes: [UInt8] in [[0xCE, 2, 2, 0, 1, 0], [0xCE, 2, 1, 0, 1, 0]] {
                #expect(throws: WireError.unordered(offset: 4)) { try decode([Int: Int].self, from: bytes) }
                #expect(throws: WireError.self) { try decode(Point.self, from: bytes) }
            }
            // "e" with an accent, in its two forms: other bytes, but equal keys.
            let equal: [UInt8] = [0xCE, 2, 0x82, 0xC3, 0xA9, 0, 0x83, 0x65, 0xCC, 0x81, 0]
            #expect(throws: WireError.unordered(offset: 6)) { try decode([String: Int].self, from: equal) }
        }

        @Test func errorsSayWhatWasFound() throws {
            #expect(throws: WireError.unexpected(offset: 0, found: "a String", expected: "an integer")) {
                try decode(Int.self, from: try encode("x"))
            }
            let error = WireError.truncated(offset: 3, needed: 8, left: 2)
            #expect("\(error)" == "At byte 3, 8 more were expected and 2 are left.")
        }
    }

    /// Reads itself at the same place again and again.
    final class Endless: Codable {
        let next: Endless?
        let isEndless: Bool

        init(next: Endless?, isEndless: Bool) {
            self.next = next
            self.isEndless = isEndless
        }

        init(from decoder: any Decoder) throws {
            next = try decoder.singleValueContainer().decode(Endless?.self)
            isEndless = false
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            if isEndless { try container.encode(self) } else { try container.encode(next) }
        }
    }
}
