import Foundation

/// The compiler, with the library and the plugin that this test was built with.
struct Compiler {
    /// The folder that holds the test program: SwiftPM puts the modules and the plugin there too.
    private let products: URL
    private let package: URL

    init() {
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        products = program.deletingLastPathComponent()
        package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
    }

    /// What the compiler says when it compares its diagnostics with the `expected-` comments in some files.
    func verify(_ files: [URL]) throws -> Report {
        // The compiler's own error for a variadic parameter has a companion in no file.
        try check(files, ["-verify", "-verify-ignore-unknown"])
    }

    /// What the compiler says of some files.
    func check(_ files: [URL], _ more: [String] = []) throws -> Report {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["swiftc", "-frontend"] + options + more + files.map(\.path)
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return Report(text: text, succeeded: process.terminationStatus == 0)
    }

    private var options: [String] {
        let plugin = products.appendingPathComponent("LockstepMacros-tool").path
        return ["-typecheck", "-module-name", "Fixtures", "-swift-version", "6"]
            + [
                "-enable-upcoming-feature", "ExistentialAny", "-enable-upcoming-feature",
                "MemberImportVisibility",
            ]
            + ["-load-plugin-executable", "\(plugin)#LockstepMacros"]
            + ["-I", products.appendingPathComponent("Modules").path]
            + moduleMaps.flatMap { ["-Xcc", "-fmodule-map-file=\($0.path)"] }
    }

    /// The maps of the C modules that the library's modules refer to: written by hand or by SwiftPM.
    private var moduleMaps: [URL] {
        let checkouts = products.appendingPathComponent("../../checkouts").standardizedFileURL
        let targets =
            folders(in: package.appendingPathComponent("Sources"))
            + folders(in: checkouts).flatMap { folders(in: $0.appendingPathComponent("Sources")) }
        let candidates =
            targets.map { $0.appendingPathComponent("include/module.modulemap") }
            + folders(in: products).map { $0.appendingPathComponent("module.modulemap") }
        return candidates.filter { FileManager.default.fileExists(atPath: $0.path) }
    }

    private func folders(in folder: URL) -> [URL] {
        let contents = try? FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: nil)
        return contents ?? []
    }
}

/// What the compiler said.
struct Report {
    let text: String
    let succeeded: Bool

    /// The lines with errors, wherever they are.
    var errors: [Substring] { text.split(separator: "\n").filter { $0.contains(": error: ") } }

    /// The lines that speak of a file.
    func lines(about file: URL) -> [Substring] {
        text.split(separator: "\n").filter { $0.contains("/\(file.lastPathComponent):") }
    }
}
