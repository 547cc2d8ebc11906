import Testing

@testable import Lockstep

extension EncodingTests {
    /// A type that has the fast path, and its like without it.
    struct Order: WireCodable, Equatable, Sendable {
        var id: Int
        var note: String?
        var price: Double
        var lines: [Int]
        var place: Spot
        var loose: Loose?
        var tags: [String: Int]

        func write(to writer: inout WireWriter) throws {
            let count = 5 + (note == nil ? 0 : 1) + (loose == nil ? 0 : 1)
            try writer.writeFields(count) { writer in
                try writer.writeField("id", id)
                try writer.writeField("note", note)
                try writer.writeField("tags", tags)
                try writer.writeField("lines", lines)
                try writer.writeField("loose", loose)
                try writer.writeField("place", place)
                try writer.writeField("price", price)
            }
        }
    }

    struct Spot: WireCodable, Equatable, Sendable {
        var x: Int
        var y: Double

        init(x: Int, y: Double) { (self.x, self.y) = (x, y) }

        func write(to writer: inout WireWriter) throws {
            try writer.writeFields(2) { writer in
                try writer.writeField("x", x)
                try writer.writeField("y", y)
            }
        }

        init(wire reader: inout WireReader) throws {
            var fields = try reader.readFields()
            x = try fields.read("x", from: &reader)
            y = try fields.read("y", from: &reader)
            try fields.finish(&reader)
        }
    }

    /// Hides the fast path of a type.
    struct Slow<Value: Codable>: Codable {
        var value: Value

        init(_ value: Value) { self.value = value }

        init(from decoder: any Decoder) throws { value = try Value(from: decoder) }

        func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }
    }

    static let orders = [
        Order(id: 1, price: 2.5, lines: [], place: Spot(x: -1, y: .nan), tags: [:]),
        Order(
            id: .min, note: "naïve", price: -0.0, lines: [1, 200, -3], place: Spot(x: 0, y: 0), loose: .null,
            tags: ["a": 1, "b": 300]),
        Order(id: 0, note: "", price: 1, lines: [0], place: Spot(x: 1, y: 1), loose: .list([.null]), tags: ["": 0]),
    ]

    @Suite("The fast path writes and reads what Codable does")
    struct FastPathTests {
        @Test func theBytesAreTheSame() throws {
            for order in orders {
                let bytes = try encode(order)
                #expect(bytes == (try encode(Slow(order))))
                #expect(try encode([order]) == (try encode([Slow(order)])))
                #expect(try encode(Optional(order)) == bytes)
                var writer = WireWriter()
                try writer.write(order)
                #expect(writer.bytes == bytes, "chosen by the compiler")
                let read = try decode(Order.self, from: bytes)
                #expect(try encode(read) == bytes)
                #expect(try encode(try decode(Slow<Order>.self, from: bytes)) == bytes)
            }
        }

        @Test func whatTheCompilerChoosesWritesTheSame() throws {
            func check<T: WireCodable>(_ values: [T]) throws {
                var writer = WireWriter()
                try writer.write(values)
                #expect(writer.bytes == (try encode(values)))
                try writer.bytes.withUnsafeBytes {
                    var reader = WireReader($0)
                    let read: [T] = try reader.read()
                    #expect(try encode(read) == (try encode(values)))
                }
                for value in values.map(Optional.some) + [nil] {
                    writer.removeAll()
                    try writer.write(value)
                    #expect(writer.bytes == (try encode(value)))
                    try writer.bytes.withUnsafeBytes {
                        var reader = WireReader($0)
                        let read: T? = try reader.read()
                        try reader.finish()
                        #expect(try encode(read) == (try encode(value)))
                    }
                }
            }
            try check([0, 127, 128, -1, .min, .max])
            try check([UInt8(0), 255])
            try check([Int8.min, .max])
            try check([UInt128.max, 0])
            try check(["", "é", String(repeating: "x", count: 64)])
            try check([Int?.none, 5])
            try check([[1], []])
            try check([["a": 1], [:]])
            try check([true, false])
            try check([1.5, -0.0])
            try check(orders)
        }

        @Test func unknownFieldsArePassedOver() throws {
            let more: [String: Loose] = ["w": .null, "x": .number(3), "xx": .list([.text("deep")]), "z": .null]
            let bytes: [UInt8] = [0xCE, 2, 0x81, 0x78, 3, 0x81, 0x79, 0xC9, 0, 0, 0, 0, 0, 0, 0, 0]
            #expect(try decode(Spot.self, from: bytes) == Spot(x: 3, y: 0))
            #expect(throws: WireError.missing(offset: 8, name: "y")) {
                try decode(Spot.self, from: try encode(more))
            }
            struct Wider: Codable { var a = [1], x = 4, xy = "?", y = 0.5, zz: [String: Int]? = ["q": 1] }
            #expect(try decode(Spot.self, from: try encode(Wider())) == Spot(x: 4, y: 0.5))
        }

        @Test func fieldsOutOfOrderAreRefused() throws {
            let y: [UInt8] = [0x81, 0x79, 0xC9, 0, 0, 0, 0, 0, 0, 0, 0]
            let x: [UInt8] = [0x81, 0x78, 3]
            #expect(throws: (any Error).self) { try decode(Spot.self, from: [0xCE, 2] + y + x) }
            #expect(throws: (any Error).self) { try decode(Spot.self, from: [0xCE, 3] + x + x + y) }
            #expect(throws: (any Error).self) { try decode(Spot.self, from: [0xCE, 3] + x + y + y) }
            #expect(throws: (any Error).self) { try decode(Spot.self, from: [0xCE, 3] + x + y + [0x81, 0x61, 0]) }
        }

        @Test func damageGivesWhatCodableGives() throws {
            for order in orders {
                let bytes = try encode(order)
                for bit in 0..<bytes.count * 8 {
                    var damaged = bytes
                    damaged[bit / 8] ^= 1 << UInt8(bit % 8)
                    let fast = try? encode(try decode(Order.self, from: damaged))
                    let slow = try? encode(try decode(Slow<Order>.self, from: damaged))
                    #expect(fast == slow, "bit \(bit)")
                }
                for count in bytes.indices {
                    #expect(throws: (any Error).self) { try decode(Order.self, from: Array(bytes[..<count])) }
                }
            }
        }

        @Test func sizesAreThoseOfTheBytes() throws {
            func check<T: WireCodable>(_ values: T...) throws {
                for value in values {
                    if let size = value.encodedSize { #expect(size == (try encode(value)).count, "\(value)") }
                }
            }
            for bits in 0..<64 { try check(1 << bits, -1 << bits, (1 << bits) &- 1) }
            try check(Int128.min, .max, 1 << 64, -1 << 64)
            try check(UInt8.min, .max)
            try check("", "é", String(repeating: "x", count: 63), String(repeating: "x", count: 64))
            try check(1.5)
            try check(Float(1.5))
            try check(true, false)
            try check(Int?.none, 1, 1 << 40)
            try check(Int??.some(nil), .none)
        }
    }

    @Suite("Memory that is lent")
    struct LentMemoryTests {
        @Test(arguments: [0, 1, 5, 6, 7, 64])
        func itIsFilledFirstAndLeftWhenItIsTooSmall(size: Int) throws {
            let expected = try encode([1, 2, 300])
            var memory = [UInt8](repeating: 0xEE, count: size)
            try memory.withUnsafeMutableBytes { memory in
                var arguments = CallArguments(lent: memory)
                try arguments.add([1, 2, 300])
                #expect(arguments.bytes == expected)
                #expect(arguments.byteCount == expected.count)
                #expect(arguments.fitsInLentMemory == (size >= expected.count) || size < 16)
                if arguments.fitsInLentMemory { #expect(Array(memory.prefix(expected.count)) == expected) }
                arguments.removeAll()
                try arguments.add("x")
                #expect(arguments.bytes == [0x81, 0x78])
            }
        }

        @Test func copiesOfArgumentsAreIndependent() throws {
            var one = CallArguments()
            try one.add(1)
            var other = one
            try other.add(2)
            try one.add(3)
            #expect(one.bytes == [1, 3])
            #expect(other.bytes == [1, 2])
        }
    }
}

extension EncodingTests.Order {
    init(wire reader: inout WireReader) throws {
        var fields = try reader.readFields()
        id = try fields.read("id", from: &reader)
        note = try fields.read("note", from: &reader)
        tags = try fields.read("tags", from: &reader)
        lines = try fields.read("lines", from: &reader)
        loose = try fields.read("loose", from: &reader)
        place = try fields.read("place", from: &reader)
        price = try fields.read("price", from: &reader)
        try fields.finish(&reader)
    }
}
