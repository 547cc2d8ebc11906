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

    /// The address in a name of an abstract socket, nil if it is another's.
    private init?(name: Substring) {
        guard name.hasPrefix(Self.prefix) else { return nil }
        let parts = name.dropFirst(Self.prefix.count).split(separator: "/")
        guard parts.count == 2 else { return nil }
        self.init(cluster: String(parts[0]), node: String(parts[1]))
    }

    /// The nodes of a cluster on this host, by name.
    static func all(in cluster: String) -> [ClientAddress] {
        // Connections have the address, too.
        Set(abstractSocketNames().compactMap { ClientAddress(name: $0) }).filter { $0.cluster == cluster }
            .sorted { $0.node < $1.node }
    }
}
