import Glibc

/// The address at which a node tells how it stands.
package struct StatusAddress: Hashable {
    package let cluster: String
    package let node: String

    init(cluster: String, node: String) {
        self.cluster = cluster
        self.node = node
    }

    /// An abstract address; the names have no `/` in them.
    var text: String { Self.prefix + "\(cluster)/\(node)" }

    private static var prefix: String { "lockstep-status/\(getuid())/" }

    /// The address of what follows the prefix, nil if it is none.
    init?(_ place: String) {
        let parts = place.split(separator: "/")
        guard parts.count == 2 else { return nil }
        self.init(cluster: String(parts[0]), node: String(parts[1]))
    }

    /// Those of this host and user, by name.
    package static func all() -> [StatusAddress] {
        abstractSocketNames(after: prefix).compactMap { StatusAddress($0) }.sorted { $0.text < $1.text }
    }
}
