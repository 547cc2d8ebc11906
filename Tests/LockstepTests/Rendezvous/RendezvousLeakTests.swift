import Glibc
import Testing

@testable import Lockstep

/// What the entries of a folder of /proc are called.
private func entries(of path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
        names.append(
            withUnsafeBytes(of: entry.pointee.d_name) { name in
                String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
            })
    }
    return names
}

/// Counts sockets, pipes and regions, and not the timers that the runtime opens for itself when it likes.
private func openDescriptors() -> Int {
    entries(of: "/proc/self/fd").count { number in
        var target = [UInt8](repeating: 0, count: 64)
        let length = readlink("/proc/self/fd/\(number)", &target, target.count)
        let text = String(decoding: target.prefix(max(length, 0)), as: UTF8.self)
        return ["socket:", "pipe:", "/memfd:"].contains { text.hasPrefix($0) }
    }
}

private func threads(named name: String) -> Int {
    entries(of: "/proc/self/task").count { id in
        guard let file = fopen("/proc/self/task/\(id)/comm", "r") else { return false }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 32)
        return fgets(&line, 32, file) != nil && strncmp(line, name, strlen(name)) == 0
    }
}

@Suite("Rendezvous: what is left", .timeLimit(.minutes(2)))
struct RendezvousLeakTests {
    /// In a process of its own, where nobody else opens anything.
    @Test func nothingIsLeftOpen() async {
        await #expect(processExitsWith: .success) {
            let before = openDescriptors()
            for _ in 0..<5 { try await leakNothing() }
            try await settles { openDescriptors() == before }
            for name in ["rendezvous", "registrar", "lockstep-mesh"] {
                try await settles { threads(named: name) == 0 }
            }
        }
    }
}

/// Finished tasks let go of their nodes, and the kernel of joined threads, a moment after they are awaited.
private func settles(_ isTrue: () -> Bool) async throws {
    let triesMax = 2000
    for _ in 0..<triesMax where !isTrue() { try await Task.sleep(for: .milliseconds(5)) }
    #expect(isTrue())
}

/// A view that leaves, one that is let go of, a cancelled node, one that is late and one that is refused.
private func leakNothing() async throws {
    for leaves in [true, false] {
        let cluster = freshCluster()
        async let first = RendezvousNode("a", in: cluster, expecting: 2).join()
        async let second = RendezvousNode("b", in: cluster, expecting: 2).join()
        let views = try await [first, second]
        if leaves { for view in views { view.leave() } }
    }
    let waiting = RendezvousNode("a", in: freshCluster(), expecting: 3)
    let task = Task { try await waiting.join() }
    try await waiting.journal.until { !$0.waiting.isEmpty }
    let cluster = waiting.request.cluster
    _ = try? await RendezvousNode("late", in: cluster, expecting: 3, seconds: 0.01).join()
    _ = try? await RendezvousNode("refused", in: cluster, expecting: 2).join()
    task.cancel()
    _ = await task.result
}
