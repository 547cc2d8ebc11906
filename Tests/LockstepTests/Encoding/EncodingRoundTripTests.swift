import Foundation
import Testing

@testable import Lockstep

extension EncodingTests {
    @Suite("Values come back as they were")
    struct RoundTripTests {
        func same<T: Codable & Equatable & Sendable>(_ values: T..., place: SourceLocation = #_sourceLocation)
            throws
        {
            for value in values {
                #expect(try roundTrip(value) == value, sourceLocation: place)
                #expect(try roundTrip([value]) == [value], sourceLocation: place)
                #expect(try roundTrip(Optional(value)) == .some(value), sourceLocation: place)
                #expect(try roundTrip(T??.some(nil)) == .some(nil), sourceLocation: place)
                #expect(try roundTrip(Boxed(value: value)).value == value, sourceLocation: place)
                #expect(try roundTrip(Wrapped(value: value)).value == value, sourceLocation: place)
            }
        }

        @Test func integers() throws {
            try same(0, 1, -1, 127, 128, -128, Int.min, Int.max)
            try same(UInt64.min, UInt64.max, 1 << 63)
            try same(Int8.min, Int8.max)
            try same(Int16.min, Int16.max)
            try same(Int32.min, Int32.max)
            try same(UInt8.min, UInt8.max)
            try same(UInt16.max)
            try same(UInt32.max)
            try same(UInt.max)
            let bound = Int128(UInt64.max)
            try same(Int128.min, Int128.max, bound, bound + 1, ~bound, ~bound - 1)
            try same(UInt128.max, UInt128(UInt64.max) + 1)
        }

        @Test func floatingPointIsExactToTheBit() throws {
            for bits: UInt64 in [0, 1 << 63, 1, 0x7FF8_0000_DEAD_BEEF, 0xFFF0_0000_0000_0001, .max] {
                let value = Double(bitPattern: bits)
                #expect(try roundTrip(value).bitPattern == bits)
                #expect(try roundTrip(Boxed(value: value)).value.bitPattern == bits)
            }
            for bits: UInt32 in [0, 1 << 31, 1, 0x7FC0_BEEF, 0xFF80_0001, .max] {
                #expect(try roundTrip(Float(bitPattern: bits)).bitPattern == bits)
                #expect(try roundTrip(Wrapped(value: Float(bitPattern: bits))).value.bitPattern == bits)
            }
            try same(Float16(1.5))
        }

        @Test func strings() throws {
            try same("", "a", "é", "e\u{301}", "\0", "👩‍👩‍👧", String(repeating: "x", count: 63))
            try same(String(repeating: "x", count: 64), String(repeating: "日", count: 10_000))
            #expect(Array(try roundTrip("e\u{301}").utf8) == Array("e\u{301}".utf8))
        }

        @Test func collections() throws {
            try same([[Int]](), [[]], [[1], [], [2, 3]])
            try same([Point](), [Point(x: .max, y: .infinity)])
            try same([nil, 3, nil])
            try same([Colour?](), [nil, .red])
            try same(Set<Int>(), [3, 1, 2])
            try same(Set<Colour>(), [.blue, .red])
            try same([String: Int](), ["a": 1, "": 2, "01": 3, "1": 4])
            try same([Int: [Colour: Set<Point>]](), [-1: [.red: [Point(x: 1, y: 2)]], 300: [:]])
            try same([Loose: Colour?](), [.null: nil, .list([.null]): .red])
            try same([UInt8](), Array(0...255))
            try same([Level](), [.low, .high])
            try same(1..<5)
            try same(ContiguousArray([1, 2]), [])
        }

        @Test func enumsAndStructs() throws {
            try same(Colour.red, .green)
            try same(
                Shape.none, .line(Point(x: 1, y: 2), Point(x: 3, y: 4)), .group([.none, .circle(radius: 1)]))
            try same(Loose.null, .number(.min), .list([.null, .text("")]), .object(["a": .null]))
            try same(Nothing())
            try same(Identifier(rawValue: 7))
            try same(Everything())
        }

        @Test func optionalsOfOptionalsKeepTheirLevel() throws {
            let values: [Int???] = [nil, .some(nil), .some(.some(nil)), 3]
            #expect(try roundTrip(values) == values)
            for value in values { #expect(try roundTrip(Boxed(value: value)).value == value) }
            for value: Loose? in [nil, .null, .number(1)] {
                #expect(try roundTrip(value) == value)
                #expect(try roundTrip(Boxed(value: value)).value == value)
                #expect(try roundTrip(Present(value: value)).value == value)
            }
        }

        @Test func foundationTypes() throws {
            try same(Date(timeIntervalSinceReferenceDate: 123.456), .distantPast)
            try same(Data(), Data([0, 255, 128]), Data(repeating: 7, count: 1000))
            try same(try #require(URL(string: "https://example.org/a?b=c#d")))
            try same(try #require(Decimal(string: "-12345678901234567890.123456789")), 0)
            try same(UUID())
            #expect(try encode(Data(repeating: 255, count: 1000)).count < 1010)
        }

        @Test func classesWithSuperclasses() throws {
            let puppy = try roundTrip(Puppy(age: 3))
            #expect(puppy.age == 3)
            #expect(puppy.name == "Rex")
            #expect(puppy.tricks == [.blue])
            // As with other coders, the type that is decoded is the static one.
            let animal: Animal = try roundTrip(Animal(name: "Tom"))
            #expect(animal.name == "Tom")
        }
    }

    /// A field.
    struct Boxed<Value: Codable & Sendable>: Codable, Sendable { var value: Value }

    /// A single value.
    struct Wrapped<Value: Codable & Sendable>: Codable, Sendable {
        var value: Value

        init(value: Value) { self.value = value }

        init(from decoder: any Decoder) throws {
            value = try decoder.singleValueContainer().decode(Value.self)
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(value)
        }
    }

    /// An optional field, in a type whose synthesized code leaves it out when it is nil.
    struct Present<Value: Codable & Sendable>: Codable, Sendable { var value: Value? }
}
