import Foundation

/// The part of the document that is generated: what stands around it is written by people.
enum Markers {
    private static let begin = "<!-- The table begins: Benchmarks/run writes what follows. -->"
    private static let end = "<!-- The table ends. -->"

    /// A document of the generated part alone.
    static let empty = "# Benchmarks\n\n\(begin)\n\(end)\n"

    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    /// The document with another text between the markers.
    static func replace(in document: String, with text: String) throws -> String {
        guard let start = document.range(of: begin)?.upperBound,
            let stop = document.range(of: end)?.lowerBound, start <= stop
        else { throw Missing(description: "README.md has lost the lines\n\(begin)\n\(end)") }
        return document[..<start] + "\n\n\(text)\n" + document[stop...]
    }
}
