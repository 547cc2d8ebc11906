import Foundation
import Lockstep

/// Measures what it costs to encode and decode arguments, with the coders of Foundation beside it.
@main
enum EncodingCommand {
    static func main() throws {
        print("| value | encoding | encode, ns | decode, ns | both, ns |\n| --- | --- | --: | --: | --: |")
        try call()
        try order()
        try integers()
        try string()
        try dictionary()
    }

    private static func call() throws {
        let name = "call of three integers"
        row(name, "wire, and dispatch", try Encodings.call())
        row(name, "JSON, each argument", try Encodings.json([5, 70, 800]))
        row(name, "property list, each argument", try Encodings.propertyList([5, 70, 800]))
    }

    private static func order() throws {
        let value = Order.sample
        let cost = try Encodings.wire({ try $0.write(value) }, { keep(try $0.read(Order.self)) })
        compare("struct of ten fields", cost, try others(PlainOrder()))
    }

    private static func integers() throws {
        let value = Array(0..<100)
        let cost = try Encodings.wire({ try $0.write(value) }, { keep(try $0.read([Int].self)) })
        compare("100 integers", cost, try others(value))
    }

    private static func string() throws {
        let value = Order.sample.note
        let cost = try Encodings.wire({ try $0.write(value) }, { keep(try $0.read(String.self)) })
        compare("string of 28 bytes", cost, try others(value))
    }

    private static func dictionary() throws {
        let value = Dictionary(uniqueKeysWithValues: (0..<10).map { ("item \($0)", $0) })
        let cost = try Encodings.wire({ try $0.write(value) }, { keep(try $0.read([String: Int].self)) })
        compare("dictionary of ten", cost, try others(value))
    }

    // MARK: - Rows

    /// What only knows that a value is `Codable`.
    private static func others<T: Codable>(_ value: T) throws -> [(encoding: String, cost: Cost)] {
        [
            ("wire, only `Codable`", try Encodings.codable(value)), ("JSON", try Encodings.json([value])),
            ("property list", try Encodings.propertyList([value])),
        ]
    }

    private static func compare(_ name: String, _ wire: Cost, _ others: [(encoding: String, cost: Cost)]) {
        row(name, "wire", wire)
        for other in others { row(name, other.encoding, other.cost) }
    }

    private static func row(_ name: String, _ encoding: String, _ cost: Cost) {
        let figures = [cost.encode, cost.decode, cost.both].map { String(format: "%.1f", $0) }
        print("| \(name) | \(encoding) | \(figures.joined(separator: " | ")) |")
    }
}
