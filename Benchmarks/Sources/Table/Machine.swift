import Foundation

/// What the numbers were measured on.
enum Machine {
    /// Cores, processor and kernel.
    static var text: String { "\(cores) of \(model), Linux \(kernel)" }

    static var date: String {
        Date.now.formatted(.iso8601.year().month().day())
    }

    private static var cores: String {
        let count = ProcessInfo.processInfo.activeProcessorCount
        return count == 1 ? "one core" : "\(count) cores"
    }

    /// Arm's kernel names no model; then the architecture has to do.
    private static var model: String {
        let lines = read("/proc/cpuinfo").split(separator: "\n")
        let line = lines.first { $0.hasPrefix("model name") }
        let name = line?.split(separator: ":", maxSplits: 1).last?.trimmingCharacters(in: .whitespaces)
        return name ?? read("/proc/sys/kernel/arch").trimmingCharacters(in: .newlines)
    }

    private static var kernel: String {
        read("/proc/sys/kernel/osrelease").trimmingCharacters(in: .newlines)
    }

    private static func read(_ path: String) -> String {
        (try? String(contentsOfFile: path, encoding: .utf8)) ?? "unknown"
    }
}
