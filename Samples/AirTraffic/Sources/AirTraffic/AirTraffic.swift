import Glibc
import Lockstep

/// `AirTraffic north`, `AirTraffic south` and `AirTraffic tower`, each in a terminal window of its own. On several hosts,
/// the address of each follows its name, and those of all three.
@main
struct AirTraffic {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        let name = arguments.first ?? "tower"
        var configuration = NodeConfiguration(cluster: "air-traffic", name: name, expecting: 3)
        let addresses = arguments.dropFirst().compactMap { NodeAddress($0) }
        if let own = addresses.first {
            configuration.fabric = .auto(.plaintext)
            configuration.listen = own
            configuration.seeds = Array(addresses.dropFirst())
            configuration.failureTimeout = .milliseconds(500)
        }
        do {
            let node = try await Node.join(configuration)
            let runway = try await node.host("runway") { Runway(actorSystem: $0) }
            if name == "tower" { await watch(node) } else { try await direct(runway, from: name) }
        } catch let error as LockstepError {
            print("\(name): no flight lands here. \(error.message)")
            exit(error.exitCode)
        }
    }

    /// The tower has no flights. It keeps a copy of the runway, and has a vote when a terminal is gone.
    static func watch(_ node: Node) async {
        for await view in node.views {
            print("tower: on duty are \(view.members.map(\.name).sorted().joined(separator: ", "))")
        }
    }

    /// A terminal lands two flights a second as long as it owns the runway.
    static func direct(_ runway: Runway.Handle, from name: String) async throws {
        while true {
            let owner = try await runway.claim()
            do {
                print("\(name): landed, as number \(try await runway.land())")
            } catch is NotTheOwner {
                print("\(name): waiting for \(owner)")
            }
            try await Task.sleep(for: .milliseconds(500))
        }
    }
}
