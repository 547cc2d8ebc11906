import ArgumentParser
import Lockstep

/// Prints how the nodes of this host stand.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Print how the nodes of this host and user stand.",
        discussion: """
            Each node says what it knows of its view and its groups. The exit code is 1 if there is no node, or if one \
            does not answer.
            """
    )

    @Option(help: "The cluster to ask; without it, all of them.")
    var cluster: String?

    @Flag(help: "Print one JSON object for each node, on a line.")
    var json = false

    func run() throws {
        let addresses = StatusAddress.all().filter { cluster == nil || $0.cluster == cluster }
        guard !addresses.isEmpty else { throw NoNodes(cluster: cluster) }
        var isComplete = true
        for address in addresses {
            do {
                let status = try NodeStatus(at: address)
                Terminal.writeLine(json ? status.json.line : status.text)
            } catch {
                isComplete = false
                Terminal.writeLine(json ? error.json(of: address).line : "\(error.message)\n")
            }
        }
        if !isComplete { throw ExitCode.failure }
    }
}

/// There is nobody to ask.
struct NoNodes: Error, CustomStringConvertible {
    let cluster: String?

    var description: String {
        let name = cluster.map { " of a cluster \"\($0)\"" } ?? ""
        return "No node\(name) runs on this host as this user. Start one, or ask as the user that runs it."
    }
}

extension LockstepError {
    fileprivate func json(of address: StatusAddress) -> JSONText {
        .object(["cluster": .text(address.cluster), "node": .text(address.node), "error": .text(message)])
    }
}
