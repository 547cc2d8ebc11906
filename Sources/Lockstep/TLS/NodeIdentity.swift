/// Whom a certificate is for.
package struct NodeIdentity: Sendable, Hashable {
    private static let scheme = "lockstep://"

    package let cluster: String
    package let name: String

    package init(cluster: String, name: String) {
        self.cluster = cluster
        self.name = name
    }

    /// Reads what a certificate has among its alternative names; nil if it is something else. No name has a slash.
    package init?(uri: String) {
        guard uri.hasPrefix(Self.scheme) else { return nil }
        let parts = uri.dropFirst(Self.scheme.count).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        self.init(cluster: String(parts[0]), name: String(parts[1]))
    }

    package var uri: String { "\(Self.scheme)\(cluster)/\(name)" }
}
