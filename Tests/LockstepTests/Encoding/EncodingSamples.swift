import Foundation

@testable import Lockstep

/// Holds the tests of the encoding and what they share.
enum EncodingTests {}

extension EncodingTests {
    // MARK: - Going there and back

    static func encode<T: Encodable>(_ value: T) throws -> [UInt8] {
        var writer = WireWriter()
        try writer.write(value)
        return writer.bytes
    }

    static func decode<T: Decodable>(_ type: T.Type = T.self, from bytes: [UInt8]) throws -> T {
        try bytes.withUnsafeBytes {
            var reader = WireReader($0)
            let value = try reader.read(T.self)
            try reader.finish()
            return value
        }
    }

    static func roundTrip<T: Codable>(_ value: T) throws -> T {
        try decode(from: try encode(value))
    }

    // MARK: - Types

    enum Colour: String, Codable, CaseIterable, Hashable, Comparable {
        case red, green, blue

        static func < (one: Colour, other: Colour) -> Bool { one.rawValue < other.rawValue }
    }

    enum Level: UInt8, Codable, Hashable { case low = 1, high = 200 }

    struct Identifier: RawRepresentable, Codable, Hashable { var rawValue: Int }

    struct Point: Codable, Hashable, Sendable {
        var x: Int
        var y: Double
    }

    struct Nothing: Codable, Hashable {}

    indirect enum Shape: Codable, Hashable, Sendable {
        case none
        case circle(radius: Double)
        case line(Point, Point)
        case group([Shape])
        case labelled(String, of: Shape)
    }

    /// JSON in a single value, whose null begins like a nil.
    enum Loose: Codable, Hashable, Sendable {
        case null
        case number(Int)
        case text(String)
        case list([Loose])
        case object([String: Loose])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let number = try? container.decode(Int.self) {
                self = .number(number)
            } else if let text = try? container.decode(String.self) {
                self = .text(text)
            } else if let list = try? container.decode([Loose].self) {
                self = .list(list)
            } else {
                self = .object(try container.decode([String: Loose].self))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .null: try container.encodeNil()
            case .number(let number): try container.encode(number)
            case .text(let text): try container.encode(text)
            case .list(let list): try container.encode(list)
            case .object(let object): try container.encode(object)
            }
        }
    }

    struct Everything: Codable, Hashable, Sendable {
        var flag = true
        var small: Int8 = .min
        var large: UInt64 = .max
        var wide: Int128 = .min
        var ratio: Float = .leastNonzeroMagnitude
        var text = "naïve — 日本語 🙂"
        var bytes: [UInt8] = [0, 1, 127, 128, 255]
        var missing: Int?
        var nested: Int?? = .some(nil)
        var loose: Loose? = .null
        var colours: [Colour] = [.red, .blue]
        var colour: Colour? = .green
        var points: [Point] = [Point(x: -1, y: 0.5)]
        var byIdentifier: [Identifier: Set<Colour>] = [
            Identifier(rawValue: -3): [.red, .green], .init(rawValue: 9): [],
        ]
        var byPoint: [Point: [String: [Int]]] = [Point(x: 1, y: 2): ["a": [1, 2], "": []]]
        var shapes: Set<Shape> = [.none, .circle(radius: -0.0), .group([.labelled("p", of: .none)])]
        var nothing = Nothing()
    }

    class Animal: Codable {
        var name: String

        init(name: String) { self.name = name }
    }

    /// Puts its superclass's part apart.
    class Dog: Animal {
        var tricks: [Colour]
        private enum CodingKeys: CodingKey { case tricks }

        init(name: String, tricks: [Colour]) {
            self.tricks = tricks
            super.init(name: name)
        }

        required init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            tricks = try container.decode([Colour].self, forKey: .tricks)
            try super.init(from: try container.superDecoder())
        }

        override func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(tricks, forKey: .tricks)
            try super.encode(to: container.superEncoder())
        }
    }

    /// Shares one container with its superclass.
    final class Puppy: Dog {
        var age: Int
        private enum CodingKeys: CodingKey { case age }

        init(age: Int) {
            self.age = age
            super.init(name: "Rex", tricks: [.blue])
        }

        required init(from decoder: any Decoder) throws {
            age = try decoder.container(keyedBy: CodingKeys.self).decode(Int.self, forKey: .age)
            try super.init(from: decoder)
        }

        override func encode(to encoder: any Encoder) throws {
            try super.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(age, forKey: .age)
        }
    }
}
