import Foundation
import LockstepCoordination
import LockstepTesting

/// `FencedStorage` stops a process in the middle of its turn at a lock, and lets it go on when somebody else has had the
/// lock: the storage refuses it. With `--any-token` the storage does not look, and the story ends badly.
///
/// The processes that take turns are its own children.
@main
struct FencedStorage {
    static func main() async {
        do {
            let arguments = Array(CommandLine.arguments.dropFirst())
            if arguments.count == 4 {
                let file = FencedFile(at: arguments[2], checksTokens: arguments[3] == "checked")
                try await Writer(name: arguments[0], file: file).run(in: arguments[1])
            } else {
                try await play(checksTokens: arguments != ["--any-token"])
            }
        } catch {
            print(error)
            exit(1)
        }
    }

    private static func play(checksTokens: Bool) async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "fenced-storage-\(getpid())").path
        defer { unlink(path) }
        let file = FencedFile(at: path, checksTokens: checksTokens)
        var writers: [String: ChildProcess] = [:]
        for name in ["a", "b", "c"] {
            let check = checksTokens ? "checked" : "unchecked"
            writers[name] = try ChildProcess(
                ExecutableFolder.runningProgram, [name, "fenced-storage-\(getpid())", path, check])
        }
        guard let first = writers.removeValue(forKey: "a"), let second = writers["b"] else { return }
        let held = try await first.line(within: .seconds(30)) { $0.contains("holds the lock") }
        first.stop()
        print(held)
        print("a is stopped in the middle of its turn")
        // It may have had turns before.
        print(
            try await second.line(within: .seconds(30)) {
                $0.contains("has written") && token(of: held) < token(of: $0)
            })
        first.resume()
        print("a goes on, and thinks that the lock is its own")
        if checksTokens {
            print(try await first.line(within: .seconds(30)) { $0.contains("is refused") })
        } else {
            print(try await first.line(within: .seconds(30)) { $0.contains("has written") })
        }
        // Nobody may be in the middle of a line.
        for process in [first] + writers.values {
            process.kill()
            process.waitForExit()
        }
        let tokens = try file.tokens()
        guard zip(tokens, tokens.dropFirst()).allSatisfy({ $0 <= $1 }) else {
            throw SampleError("Lines of one turn stand in another's: the storage took an old token.")
        }
        print("\(tokens.count) lines of \(Set(tokens).count) turns, each whole or cut short, and none in another's")
    }
}

/// The token with which a line of a writer ends.
private func token(of line: String) -> UInt64 { line.split(separator: " ").last.flatMap { UInt64($0) } ?? 0 }

struct SampleError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
