import Glibc
import Lockstep
import LockstepCoordination

/// Takes its turns at a lock, and writes under each.
struct Writer {
    private static let linesOfATurn = 20

    let name: String
    let file: FencedFile

    func run(in cluster: String) async throws {
        let node = try await Node.join(NodeConfiguration(cluster: cluster, name: name, expecting: 3))
        let lock = try await node.coordination().lock("report")
        while true {
            try await lock.withLock { token in
                say("\(name) holds the lock, token \(token)")
                do {
                    try write(under: token)
                } catch let refusal as FencedFile.Refusal {
                    say("\(name) is refused: \(refusal)")
                }
            }
        }
    }

    /// Like much that writes, this does not look whether its task has been cancelled: so it goes on when it should not.
    private func write(under token: FencingToken) throws {
        for line in 1...Self.linesOfATurn {
            usleep(10_000)
            try file.append("line \(line) of \(name)", token: token)
        }
        say("\(name) has written, token \(token)")
    }

    /// Prints a line at once, because this process may be stopped at any moment.
    private func say(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        _ = Glibc.write(STDOUT_FILENO, bytes, bytes.count)
    }
}
