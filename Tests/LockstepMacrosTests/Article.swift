import Foundation

/// A document whose examples must compile.
struct Article: Sendable {
    /// A ```` ```swift ```` block.
    struct Block: Sendable {
        let article: String
        /// Its first line in the article, from 1.
        let line: Int
        let lines: [String]

        /// The lines of the article that it takes.
        var range: Range<Int> { line..<line + lines.count }

        /// True of declarations; everything else is statements, which a function has to hold. A first line tells.
        var isDeclarations: Bool {
            let first = lines.first { !$0.isEmpty && !$0.hasPrefix("//") } ?? ""
            return Self.declarations.contains { first.hasPrefix($0) }
        }

        private static let declarations = [
            "import ", "@", "actor ", "distributed actor ", "enum ", "extension ", "func ", "protocol ", "struct ",
        ]
    }

    let name: String
    let blocks: [Block]

    /// Reads an article of a library's documentation.
    init(_ name: String, of library: String) throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../../Sources/\(library)/Documentation.docc"
        )
        let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
        self.init(name: name, text: text)
    }

    init(name: String, text: String) {
        self.name = name
        var blocks: [Block] = []
        var open: (line: Int, isSwift: Bool)?
        var content: [String] = []
        for (index, line) in text.components(separatedBy: "\n").enumerated() {
            guard line.hasPrefix("```") else {
                content.append(line)
                continue
            }
            if let begun = open {
                if begun.isSwift { blocks.append(Block(article: name, line: begun.line, lines: content)) }
                open = nil
            } else {
                open = (index + 2, line == "```swift")
            }
            content = []
        }
        self.blocks = blocks
    }

    /// One source file of all blocks, in which the compiler speaks of the lines of the article.
    ///
    /// Statements come in one function at the end. Each block of them is inside the one before, so that it sees what
    /// that declares, and may use its names again.
    var source: String {
        let declarations = blocks.filter(\.isDeclarations).map(\.located).joined()
        let statements = blocks.filter { !$0.isDeclarations }
        let opening = statements.map { "do {\n\($0.located)" }.joined()
        let closing = String(repeating: "}\n", count: statements.count)
        return "\(declarations)func statements() async throws {\n\(opening)\(closing)}\n"
    }
}

extension Article.Block {
    fileprivate var located: String {
        let code = lines.map { "\($0)\n" }.joined()
        return "#sourceLocation(file: \"/\(article)\", line: \(line))\n\(code)#sourceLocation()\n"
    }
}
