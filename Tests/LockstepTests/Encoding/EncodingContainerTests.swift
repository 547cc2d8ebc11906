import Testing

@testable import Lockstep

extension EncodingTests {
    /// Writes what a closure says.
    struct Custom: Encodable {
        let body: (any Encoder) throws -> Void

        func encode(to encoder: any Encoder) throws { try body(encoder) }
    }

    struct NumberKey: CodingKey, Equatable {
        let number: Int

        init(_ number: Int) { self.number = number }

        init?(intValue: Int) { self.init(intValue) }

        init?(stringValue: String) { nil }

        var intValue: Int? { number }
        var stringValue: String { "\(number)" }
    }

    enum Names: CodingKey { case a, b, c }

    struct Refusal: Error, Equatable {}

    /// Lets a closure read.
    static func withDecoder<R>(_ bytes: [UInt8], _ body: (any Decoder) throws -> R) throws -> R {
        try bytes.withUnsafeBytes { try body(TreeDecoder(reader: WireReader($0), codingPath: [])) }
    }

    @Suite("Containers do what Codable promises")
    struct ContainerTests {
        @Test func nestedContainersMayBeFilledInTurns() throws {
            let bytes = try encode(
                Custom { encoder in
                    var outer = encoder.container(keyedBy: Names.self)
                    var inner = outer.nestedContainer(keyedBy: NumberKey.self, forKey: .b)
                    var list = outer.nestedUnkeyedContainer(forKey: .a)
                    try inner.encode("two", forKey: NumberKey(2))
                    try list.encode(UInt8(1))
                    try list.encodeNil()
                    try inner.encodeNil(forKey: NumberKey(1))
                    var row = list.nestedUnkeyedContainer()
                    try list.encode("last")
                    try row.encode(5)
                    try outer.encode(1, forKey: .c)
                    try outer.encode(2, forKey: .c)
                })
            try withDecoder(bytes) { decoder in
                let outer = try decoder.container(keyedBy: Names.self)
                #expect(Set(outer.allKeys.map(\.stringValue)) == ["a", "b", "c"])
                #expect(try outer.decode(Int.self, forKey: .c) == 2)
                let inner = try outer.nestedContainer(keyedBy: NumberKey.self, forKey: .b)
                #expect(inner.allKeys == [NumberKey(1), NumberKey(2)])
                #expect(try inner.decodeNil(forKey: NumberKey(1)))
                #expect(try inner.decode(String.self, forKey: NumberKey(2)) == "two")
                var list = try outer.nestedUnkeyedContainer(forKey: .a)
                #expect(list.count == 4)
                #expect(try list.decode(UInt8.self) == 1)
                #expect(try list.decodeNil())
                var row = try list.nestedUnkeyedContainer()
                #expect(try row.decode(Int.self) == 5)
                #expect(throws: DecodingError.self) { try list.decode(Int.self) }
                #expect(try list.decode(String.self) == "last")
                #expect(list.isAtEnd)
                #expect(throws: DecodingError.self) { try list.decode(String.self) }
            }
        }

        @Test func otherTypesOfTheSameShapeCanRead() throws {
            #expect(try decode([Level].self, from: try encode([UInt8(1), 200])) == [.low, .high])
            #expect(try decode([Int].self, from: try encode([UInt8(1), 200])) == [1, 200])
            #expect(try decode(Set<Int>.self, from: try encode([3, 1])) == [1, 3])
            #expect(try decode(Colour.self, from: try encode("red")) == .red)
            #expect(try decode(Identifier.self, from: try encode(UInt8(5))).rawValue == 5)
        }

        @Test func mismatchesAreThoseThatCodableTypesCatch() throws {
            let bytes = try encode(["a": "text"])
            try withDecoder(bytes) { decoder in
                let container = try decoder.container(keyedBy: Names.self)
                #expect(throws: DecodingError.self) { try container.decode(Int.self, forKey: .a) }
                #expect(throws: DecodingError.self) { try container.decode(Int.self, forKey: .b) }
                #expect(try container.decodeIfPresent(Int.self, forKey: .b) == nil)
                #expect(throws: DecodingError.self) { try container.nestedUnkeyedContainer(forKey: .a) }
            }
            #expect(throws: WireError.outOfRange(offset: 0, type: "Int8")) {
                try decode(Int8.self, from: try encode(128))
            }
        }

        @Test func anErrorOfTheTypeItselfPassesThrough() throws {
            struct Picky: Codable {
                func encode(to encoder: any Encoder) throws { throw Refusal() }
                init() {}
                init(from decoder: any Decoder) throws { throw Refusal() }
            }
            #expect(throws: Refusal()) { try encode(Boxed(value: ["a": [Picky()]])) }
            #expect(throws: Refusal()) { try decode(Picky?.self, from: try encode(1)) }
            var arguments = CallArguments()
            try arguments.add(7)
            #expect(throws: Refusal()) { try arguments.add([Picky()]) }
            #expect(arguments.bytes == [7])
        }

        @Test func twoKindsOfContainerAreAnError() {
            #expect(throws: WireError.conflictingContainers(path: "the top level")) {
                try encode(
                    Custom { encoder in
                        _ = encoder.unkeyedContainer()
                        _ = encoder.container(keyedBy: Names.self)
                    })
            }
        }
    }
}
