import Foundation
import Testing

/// An example in an article of the documentation.
struct Example: Sendable, CustomTestStringConvertible {
    let block: Article.Block

    var testDescription: String { "\(block.article), line \(block.line)" }

    /// The articles whose examples are compiled. `scripts/check-documents` follows the others.
    static let articles = Result {
        try [
            "WritingReplicatedActors.md", "Determinism.md", "EffectsAndTimers.md", "Evolution.md", "MembersAndViews.md",
            "WaitingForChanges.md", "Clients.md",
        ].map { try Article($0, of: "Lockstep") }
            + [
                "LockstepCoordination.md", "LocksAndSemaphores.md", "BarriersAndLatches.md", "Elections.md",
                "SharedValues.md",
            ].map { try Article($0, of: "LockstepCoordination") }
    }

    /// All examples, in the order of the articles.
    static let all = ((try? articles.get()) ?? []).flatMap { $0.blocks.map(Example.init) }

    /// What the compiler says of each article, by name: one file with all of its examples.
    static let reports = Result {
        try Dictionary(uniqueKeysWithValues: articles.get().map { ($0.name, try report(of: $0)) })
    }

    static func report(of article: Article) throws -> Report {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lockstep-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("Article.swift")
        try article.source.write(to: file, atomically: true, encoding: .utf8)
        return try Compiler().check([file], ["-parse-as-library"])
    }
}

extension Report {
    /// The errors and warnings about the lines of a block, without the code that they quote.
    func complaints(about block: Article.Block) -> [Substring] {
        lines(about: URL(fileURLWithPath: "/\(block.article)")).filter { line in
            guard line.contains(": error: ") || line.contains(": warning: ") else { return false }
            return line.split(separator: ":").dropFirst().first.flatMap { Int($0) }.map(block.range.contains) ?? true
        }
    }
}

@Suite("The examples of the documentation")
struct ArticleTests {
    @Test(arguments: Example.all)
    func compile(_ example: Example) throws {
        let report = try #require(try Example.reports.get()[example.block.article])

        #expect(report.complaints(about: example.block).isEmpty, "\(report.text)")
    }

    @Test
    func areCompleteWithoutAWarning() throws {
        #expect(try Example.articles.get().allSatisfy { $0.blocks.count >= 1 })
        for (name, report) in try Example.reports.get() {
            #expect(report.succeeded && report.text.isEmpty, "\(name): \(report.text)")
        }
    }

    @Test
    func areFoundWithTheirPlaces() {
        let article = Article(
            name: "a.md",
            text: """
                Text
                ```swift
                // A.
                struct A {}
                ```
                ```
                no
                ```
                ```swift
                let a = A()
                ```
                """
        )

        #expect(article.blocks.map(\.line) == [3, 10])
        #expect(article.blocks.map(\.lines) == [["// A.", "struct A {}"], ["let a = A()"]])
        #expect(article.blocks.map(\.isDeclarations) == [true, false])
    }

    @Test
    func thatAreWrongAreReportedWhereTheyAre() throws {
        let article = Article(
            name: "wrong.md",
            text: """
                ```swift
                struct A {}
                ```
                ```swift
                let a = A()
                print(a)
                ```
                ```swift
                let a: A = a.none
                print(a)
                ```
                """
        )
        let report = try Example.report(of: article)

        #expect(!report.succeeded)
        #expect(article.blocks.map { report.complaints(about: $0).count } == [0, 0, 1], "\(report.text)")
    }

    /// A reader takes a later example for one that follows the earlier ones.
    @Test
    func mayUseNamesAgain() throws {
        let article = Article(
            name: "again.md",
            text: """
                ```swift
                let count = 1
                print(count)
                ```
                ```swift
                print(count)
                ```
                ```swift
                let count = "one"
                print(count.isEmpty)
                ```
                """
        )
        let report = try Example.report(of: article)

        #expect(report.succeeded && report.text.isEmpty, "\(report.text)")
    }
}
