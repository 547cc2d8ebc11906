import Testing

@testable import Lockstep

extension EncodingTests {
    @Suite("Types with @Wire write and read what Codable does")
    struct WireMacroTests {
        /// Checks a value against the synthesized code of its own type.
        func check<T: WireCodable & Sendable>(_ values: [T], place: SourceLocation = #_sourceLocation) throws {
            for value in values {
                let bytes = try encode(value)
                #expect(bytes == (try encode(Slow(value))), sourceLocation: place)
                #expect(try encode([Optional(value)]) == (try encode([Slow(value)])), sourceLocation: place)
                let read = try decode(T.self, from: bytes)
                #expect(try encode(read) == bytes, sourceLocation: place)
                #expect(try encode(try decode(Slow<T>.self, from: bytes)) == bytes, sourceLocation: place)
                try checkDamage(bytes, of: T.self, place: place)
            }
        }

        /// Whatever the bytes are, both ways give the same value, or none.
        func checkDamage<T: WireCodable & Sendable>(_ bytes: [UInt8], of type: T.Type, place: SourceLocation) throws {
            for bit in 0..<bytes.count * 8 {
                var damaged = bytes
                damaged[bit / 8] ^= 1 << UInt8(bit % 8)
                compare(damaged, type, place: place)
            }
            for count in bytes.indices {
                #expect(throws: (any Error).self, sourceLocation: place) {
                    try decode(type, from: Array(bytes[..<count]))
                }
                compare(Array(bytes[..<count]) + bytes[count...].dropFirst(), type, place: place)
            }
        }

        func compare<T: WireCodable & Sendable>(_ bytes: [UInt8], _ type: T.Type, place: SourceLocation) {
            let fast = try? encode(try decode(type, from: bytes))
            let slow = try? encode(try decode(Slow<T>.self, from: bytes))
            #expect(fast == slow, "\(bytes)", sourceLocation: place)
        }

        @Test func structs() throws {
            try check(WireSamples.orders)
            try check([WireSamples.Later()])
            try check([WireSamples.Nothing()])
            try check([WireSamples.Long()])
            let order = WireSamples.orders[1]
            #expect(try roundTrip(order) == order)
        }

        @Test func namesThatTheUserGives() throws {
            let value = WireSamples.Renamed(first: 1, second: nil, cache: 9)
            try check([value, WireSamples.Renamed(first: 1, second: 2)])
            #expect(try encode(value) == [0xCE, 1, 0x81, 0x7A, 1])
            #expect(try roundTrip(value).cache == 5)
        }

        @Test func generics() throws {
            try check([WireSamples.Box(value: 1), WireSamples.Box(value: 300, more: [])])
            try check([WireSamples.Box(value: WireSamples.shapes[5], more: WireSamples.shapes)])
            // The type that is written is the parameter, which the struct does not know to be an optional.
            try check([WireSamples.Box(value: Int?.none), WireSamples.Box(value: 5, more: [nil])])
        }

        @Test func enums() throws {
            try check(WireSamples.Colour.allCases)
            try check([WireSamples.Level.low, .high])
            try check(WireSamples.Plain.allCases)
            try check(WireSamples.shapes)
            #expect(try roundTrip(WireSamples.shapes) == WireSamples.shapes)
        }

        @Test func aCaseAmongUnknownOnes() throws {
            let circle = try encode(["radius": 1.5])
            for more in ["a", "circlf", "unknown"] {
                var map = [(name: "circle", value: circle), (name: more, value: [0xCE, 0])]
                map.sort { ($0.name.utf8.count, $0.name) < ($1.name.utf8.count, $1.name) }
                let bytes: [UInt8] = try [0xCE, 2] + map.flatMap { try encode($0.name) + $0.value }
                #expect(try decode(WireSamples.Shape.self, from: bytes) == .circle(radius: 1.5))
                compare(bytes, WireSamples.Shape.self, place: #_sourceLocation)
            }
            for bytes in [[0xCE, 0], [0xCE, 2] + (try encode("none")) + [0xCE, 0] + (try encode("circle")) + circle] {
                #expect(throws: (any Error).self) { try decode(WireSamples.Shape.self, from: bytes) }
            }
        }

        @Test func depthIsBounded() throws {
            let deep = (0..<40).reduce(WireSamples.Shape.none) { shape, _ in .group([shape]) }
            #expect(throws: WireError.tooDeep(limit: WireLimit.depth)) { try encode(deep) }
            let key: [UInt8] = try encode("group") + [0xCE, 1] + encode("_0")
            let bytes = Array(repeatElement([0xCE, 1] + key + [0xCC, 1], count: 10_000).joined())
            #expect(throws: (any Error).self) { try decode(WireSamples.Shape.self, from: bytes) }
        }
    }
}
