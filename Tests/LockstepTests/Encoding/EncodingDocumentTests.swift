import Foundation
import Testing

@testable import Lockstep

extension EncodingTests {
    /// `docs/encoding.md`, whose tables are compared with the code.
    struct Document {
        private let lines: [Substring]

        init(_ file: String = #filePath) throws {
            let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
            let text = try String(contentsOf: folder.appending(path: "../../../docs/encoding.md"), encoding: .utf8)
            lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        }

        /// The first two cells of each row of the table that has a heading.
        func rows(below heading: String) throws -> [(left: String, right: String)] {
            let place = try #require(lines.firstIndex { $0 == heading })
            return lines[(place + 2)...].prefix { $0.hasPrefix("|") }.map { line in
                let cells = line.dropFirst().split(separator: "|", omittingEmptySubsequences: false)
                return (cells[0].trimmed, cells[1].trimmed)
            }
        }
    }

    @Suite("The document says what the code does")
    struct DocumentTests {
        /// The values of the document's examples, and what checks them.
        static let examples: [Example] = [
            example("0", 0), example("127", 127), example("128", 128), example("-1", -1), example("-129", -129),
            example("Int.max", Int.max), example("Int.min", Int.min), example("UInt64.max", UInt64.max),
            example("UInt128(1) << 64", UInt128(1) << 64), example("true", true), example("1.5", 1.5),
            example("Float(1.5)", Float(1.5)), example("\"\"", ""), example("\"é\"", "é"),
            example("[UInt8]([1, 255])", [UInt8]([1, 255])), example("[1, 300]", [1, 300]),
            example("Set([300, 1, -1])", Set([300, 1, -1])),
            example(#"["b": 1, "a": 2, "": 3]"#, ["b": 1, "a": 2, "": 3]), example("Int?.none", Int?.none),
            example("Int?.some(5)", Int?.some(5)), example("Int??.some(nil)", Int??.some(nil)),
            example("Point(x: 3, y: 0.5)", Point(x: 3, y: 0.5)),
            example("Shape.circle(radius: 1)", Shape.circle(radius: 1)), example("Level.high", Level.high),
        ]

        struct Example: Sendable {
            let name: String
            let check: @Sendable ([UInt8]) throws -> Void
        }

        static func example<T: Codable & Equatable & Sendable>(_ name: String, _ value: T) -> Example {
            Example(name: name) { bytes in
                let (encoded, decoded) = (try encode(value), try decode(T.self, from: bytes))
                #expect(encoded == bytes, "\(name)")
                #expect(decoded == value, "\(name)")
            }
        }

        @Test func everyExampleIsRight() throws {
            let rows = try Document().rows(below: "| Swift | bytes |")
            #expect(rows.map(\.left) == Self.examples.map(\.name))
            for (row, example) in zip(rows, Self.examples) {
                let bytes = try #require(parse(row.right))
                try example.check(bytes)
            }
        }

        @Test func everyCounterexampleIsRefused() throws {
            let rows = try Document().rows(below: "| bytes | why |")
            #expect(rows.count > 10)
            for row in rows {
                let bytes = try #require(parse(row.left), "\(row)")
                let types: [any Codable.Type] = [
                    Int.self, String.self, [Int].self, Set<Int>.self, [String: Int].self, Loose.self, UInt128.self,
                ]
                for type in types {
                    let isRefused = isRefused(bytes, as: type)
                    #expect(isRefused, "\(row) as \(type)")
                }
            }
        }

        private func isRefused<T: Codable>(_ bytes: [UInt8], as type: T.Type) -> Bool {
            (try? decode(type, from: bytes)) == nil
        }

        @Test func everyFirstByteIsListed() throws {
            let rows = try Document().rows(below: "| first byte | value | what follows |")
            let listed = rows.flatMap { row in row.left.split(separator: "`").filter { $0.count == 2 }.map(String.init)
            }
            for tag in 0xC0...0xCE {
                let name = String(tag, radix: 16, uppercase: true)
                #expect(listed.contains(name), "\(name)")
                #expect(WireTag(rawValue: UInt8(tag)) != nil)
            }
            #expect(WireTag(rawValue: 0xCF) == nil)
        }

        /// The bytes of a cell.
        private func parse(_ cell: String) -> [UInt8]? {
            let digits = cell.filter { $0 != "`" }.split(separator: " ")
            let bytes = digits.compactMap { UInt8($0, radix: 16) }
            return bytes.count == digits.count ? bytes : nil
        }
    }
}

extension Substring {
    /// Without spaces around it, and without the marks of code.
    fileprivate var trimmed: String { trimmingCharacters(in: CharacterSet(charactersIn: " `")) }
}
