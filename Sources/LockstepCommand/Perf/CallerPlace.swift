import ArgumentParser
import Lockstep

/// Where a member makes its calls.
enum CallerPlace: String, ExpressibleByArgument, CaseIterable {
    /// On the thread that delivers them.
    case poller
    /// On the threads of ordinary tasks.
    case task

    static let help: ArgumentHelp = "Where the callers run: poller, the thread that delivers; or task, any other."

    /// What the tasks of a node's callers prefer.
    func executor(of node: Node) -> (any TaskExecutor)? { self == .poller ? node.executor : nil }

    /// For headings.
    var note: String { self == .poller ? "on the poller" : "from tasks" }
}
