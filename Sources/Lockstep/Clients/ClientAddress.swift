import Glibc

/// Where a node of this host is for clients of the same user: an abstract address, as its status has one.
struct ClientAddress: Hashable {
    let cluster: String
    let node: String

    init(cluster: String, node: String) {
        self.cluster = cluster
        self.node = node
    }

    /// The names have no `/` in them.
    var text: String { Self.prefix + "\(cluster)/\(node)" }

    private static var prefix: String { "lockstep-clients/\(getuid())/" }

    /// The nodes of a cluster on this host, by name.
    static func all(in cluster: String) -> [ClientAddress] {
        abstractSocketNames(after: prefix + cluster + "/").sorted().map { ClientAddress(cluster: cluster, node: $0) }
    }
}
