import Crypto
import Foundation
import Glibc
import Testing

@testable import Lockstep

/// Runs a test with a folder of its own, and removes it.
private func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = "/tmp/lockstep-key-\(getpid())-\(UInt64.random(in: .min ... .max))"
    #expect(mkdir(folder, 0o700) == 0)
    defer { remove(folder) }
    try await body(folder)
}

private func remove(_ path: String) {
    for name in names(in: path) { remove("\(path)/\(name)") }
    if unlink(path) != 0 { rmdir(path) }
}

private func names(in folder: String) -> [String] {
    guard let entries = opendir(folder) else { return [] }
    defer { closedir(entries) }
    var names: [String] = []
    while let entry = readdir(entries) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if name != ".", name != ".." { names.append(name) }
    }
    return names
}

private func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o600) {
    let number = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    #expect(Glibc.write(number, bytes, bytes.count) == bytes.count)
    #expect(fchmod(number, mode) == 0 && close(number) == 0)
}

/// What is said about a key that cannot be had.
private func objection(to body: () throws -> some Any) -> String {
    do {
        _ = try body()
        return "there is none"
    } catch let error as LockstepError {
        #expect(error.code == .invalidConfiguration && error.exitCode == 78)
        return error.message
    } catch {
        return "\(error)"
    }
}

private let sound = [UInt8](repeating: 5, count: 32)

@Suite("Cluster key")
struct ClusterKeyTests {
    @Test func isAllOfAFile() async throws {
        try await withFolder { folder in
            for mode: mode_t in [0o600, 0o400] {
                write(sound, to: "\(folder)/key", mode: mode)
                let key = try ClusterKey.file("\(folder)/key").load()
                #expect(key == SymmetricKey(data: sound))
                unlink("\(folder)/key")
            }
        }
    }

    @Test(arguments: [0o640, 0o620, 0o604, 0o602, 0o610] as [mode_t])
    func isRefusedIfOthersMayReadOrWriteIt(mode: mode_t) async throws {
        try await withFolder { folder in
            write(sound, to: "\(folder)/key", mode: mode)
            let text = objection { try ClusterKey.file("\(folder)/key").load() }
            #expect(text.contains("chmod 600 \(folder)/key"))
        }
    }

    @Test(arguments: [0, 15, 1025, 100_000])
    func hasABoundedSize(count: Int) async throws {
        try await withFolder { folder in
            let bytes = [UInt8](repeating: 1, count: count)
            write(bytes, to: "\(folder)/key")
            #expect(objection { try ClusterKey.file("\(folder)/key").load() }.contains("16 to 1024 bytes"))
            #expect(objection { try ClusterKey.secret(bytes).load() }.contains("16 to 1024 bytes"))
        }
    }

    @Test func mustBeAFileThatIsThere() async throws {
        try await withFolder { folder in
            #expect(objection { try ClusterKey.file("\(folder)/key").load() }.contains("head -c 32 /dev/urandom"))
            #expect(objection { try ClusterKey.file(folder).load() }.contains("is not a file"))
            #expect(mkfifo("\(folder)/pipe", 0o600) == 0)
            #expect(objection { try ClusterKey.file("\(folder)/pipe").load() }.contains("is not a file"))
            #expect(objection { try ClusterKey.file("/proc/self/mem/key").load() }.contains("cannot be opened"))
        }
    }

    @Test func isMadeOnFirstUseForItsOwnerAlone() async throws {
        try await withFolder { folder in
            let file = KeyFile(path: "\(folder)/state/lockstep/key", sizes: 32...32)
            let key = try file.readOrMake()
            #expect(key.count == 32 && Set(key).count > 1)
            #expect(try file.readOrMake() == key)
            #expect(names(in: "\(folder)/state/lockstep") == ["key"])
            for (path, type, mode) in [
                ("lockstep", FileAttributeType.typeDirectory, 0o700), ("lockstep/key", .typeRegular, 0o600),
            ] {
                let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/state/\(path)")
                #expect(attributes[.type] as? FileAttributeType == type)
                #expect(attributes[.posixPermissions] as? Int == mode)
            }
        }
    }

    @Test func isTheSameForAllWhoMakeItAtOnce() async throws {
        for _ in 0..<20 {
            try await withFolder { folder in
                let file = KeyFile(path: "\(folder)/lockstep/key", sizes: 32...32)
                let keys = try await withThrowingTaskGroup(of: [UInt8].self) { group in
                    for _ in 0..<8 { group.addTask { try file.readOrMake() } }
                    return try await group.reduce(into: Set()) { $0.insert($1) }
                }
                #expect(keys.count == 1)
                #expect(names(in: "\(folder)/lockstep") == ["key"])
            }
        }
    }

    @Test func thatCannotBeMadeSaysWhatToDo() {
        for path in ["/proc/lockstep/key", "/dev/null/lockstep/key"] {
            let text = objection { try KeyFile(path: path, sizes: 32...32).readOrMake() }
            #expect(text.contains(path) && text.contains("XDG_STATE_HOME"))
        }
    }

    /// In processes of their own, because the environment belongs to all tests.
    @Test func liesInTheFolderForState() async {
        await #expect(processExitsWith: .success) {
            setenv("HOME", "/home/someone", 1)
            for (folder, path) in [
                ("", "/home/someone/.local/state/lockstep/key"),
                ("relative", "/home/someone/.local/state/lockstep/key"),
                ("/var/lib/someone", "/var/lib/someone/lockstep/key"),
            ] {
                setenv("XDG_STATE_HOME", folder, 1)
                let file = try KeyFile.ofThisUser()
                #expect(file.path == path)
            }
            unsetenv("XDG_STATE_HOME")
            unsetenv("HOME")
            #expect(throws: LockstepError.self) { try KeyFile.ofThisUser() }
        }
    }

    @Test func isNeverShown() {
        let configuration = {
            var configuration = NodeConfiguration(cluster: "shop", name: "a", expecting: 3)
            configuration.key = .secret([UInt8](repeating: 201, count: 32))
            return configuration
        }()
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(text.contains("a secret") && !text.contains("201"))
        }
    }
}
