import Glibc
import Lockstep
import LockstepTesting

/// `ChainReplication` kills members of a chain and compares it with the ordered multicast. `--read-anywhere` plants a mistake,
/// which the checker finds. The members are processes of their own, which it starts itself.
@main
struct ChainReplication {
    static func main() async throws {
        do {
            try await run(Array(CommandLine.arguments.dropFirst()))
        } catch {
            print(error)
            exit(1)
        }
    }

    private static func run(_ arguments: [String]) async throws {
        if arguments.count == 4, let count = Int(arguments[3]) {
            try await join(arguments[1], of: count, in: arguments[2], to: arguments[0])
        } else if arguments == ["--read-anywhere"] {
            try await Killing.run(readsAnywhere: true)
        } else {
            try await Killing.run(readsAnywhere: false)
            try await Comparison.run()
        }
    }

    private static func join(_ name: String, of count: Int, in cluster: String, to work: String) async throws {
        var configuration = NodeConfiguration(cluster: cluster, name: name, expecting: count)
        // Deaths are noticed at once; a busy machine is none.
        configuration.failureTimeout = .seconds(2)
        let node = try await Node.join(configuration)
        switch work {
        case "measure": try await Comparison.measure(as: name, on: node)
        case "work": try await Killing.work(as: name, on: node, readsAnywhere: false)
        default: try await Killing.work(as: name, on: node, readsAnywhere: true)
        }
        await node.leave()
    }
}

extension ChildProcess {
    /// Starts a member, which dies with this process.
    static func member(_ work: String, _ name: String, of count: Int) throws -> ChildProcess {
        try ChildProcess(ExecutableFolder.runningProgram, [work, name, "chain-\(work)-\(getpid())", "\(count)"])
    }
}

struct SampleError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
