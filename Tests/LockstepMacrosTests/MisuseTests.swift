import Foundation
import Testing

/// A misuse of the macros: a source file that says in `expected-` comments what the compiler must answer.
struct Misuse: Sendable, CustomTestStringConvertible {
    let file: URL

    var testDescription: String { file.deletingPathExtension().lastPathComponent }

    /// Every misuse, in the order of the names.
    static let all = files(in: "Fixtures")

    /// Tables of many misuses of one kind.
    static let tables = files(in: "Fixtures/Tables")

    /// Misuses whose error comes from the macro's code, which `-verify` does not look for in the file.
    static let elsewhere = files(in: "Fixtures/Elsewhere")

    /// What does not exist: the macro's code has to name it again, and the compiler reports each place.
    static let repeated = files(in: "Fixtures/Repeated")

    private static func files(in folder: String) -> [Misuse] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(folder)
        let files = try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return (files ?? []).filter { $0.pathExtension == "swift" }
            .sorted { $0.path < $1.path }
            .map(Misuse.init)
    }

    /// The error that a comment of a file expects first, with its place: `/File.swift:8:`.
    func firstError() throws -> (place: String, end: String) {
        let lines = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
        let mark = "// error @-1: "
        let number = try #require(lines.firstIndex { $0.contains(mark) })
        let message = try #require(lines[number].components(separatedBy: mark).last)
        return ("/\(file.lastPathComponent):\(number):", ": error: \(message)")
    }

    /// What the compiler said of all of them, which it reads in one run.
    static let report = Result { try Compiler().verify((all + tables).map(\.file)) }
}

@Suite
struct MisuseTests {
    @Test(arguments: Misuse.all)
    func isReportedOnceAtTheRightPlace(_ misuse: Misuse) throws {
        let source = try String(contentsOf: misuse.file, encoding: .utf8)
        let report = try Misuse.report.get()

        #expect(source.components(separatedBy: "// expected-error").count == 2)
        #expect(report.lines(about: misuse.file).isEmpty, "\(report.text)")
    }

    @Test(arguments: Misuse.tables)
    func isReportedInEveryRow(_ table: Misuse) throws {
        let source = try String(contentsOf: table.file, encoding: .utf8)
        let report = try Misuse.report.get()

        #expect(source.components(separatedBy: "// expected-error").count > 10)
        #expect(report.lines(about: table.file).isEmpty, "\(report.text)")
    }

    @Test(arguments: Misuse.elsewhere)
    func isReportedOnceAtItsLineFromTheMacrosCode(_ misuse: Misuse) throws {
        let expected = try misuse.firstError()
        let report = try Compiler().check([misuse.file])

        #expect(report.errors.count == 1, "\(report.text)")
        #expect(report.errors.first?.contains(expected.place) == true)
        #expect(report.errors.first?.hasSuffix(expected.end) == true)
    }

    @Test(arguments: Misuse.repeated)
    func isReportedFirstAtItsLine(_ misuse: Misuse) throws {
        let expected = try misuse.firstError()
        let report = try Compiler().check([misuse.file])

        #expect(report.errors.first?.contains(expected.place) == true, "\(report.text)")
        #expect(report.errors.first?.hasSuffix(expected.end) == true)
    }

    @Test
    func nothingElseIsReported() throws {
        let report = try Misuse.report.get()

        #expect(Misuse.all.count >= 90)
        #expect(report.succeeded, "\(report.text)")
    }
}
