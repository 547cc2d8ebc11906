/// Where a node's certificate, its key and the certificate of the cluster's authority are, all in PEM.
///
/// ```swift
/// var configuration = NodeConfiguration(cluster: "shop", name: "a", expecting: 3)
/// configuration.fabric = .tcp(.tls(.folder("/run/secrets/lockstep")))
/// ```
///
/// `lockstep certificate` makes such a folder for each node. The files are read when the node joins. If one is missing
/// or wrong, or does not fit the others, ``Node/join(_:logger:)`` throws ``LockstepError/Code/invalidConfiguration``,
/// which says what to do.
public struct NodeCertificate: Sendable, Hashable {
    private enum Source: Sendable, Hashable {
        case ofThisHost
        case files(Files)
    }

    /// The paths of the three files.
    package struct Files: Sendable, Hashable {
        package let certificate: String
        package let key: String
        package let authority: String

        package init(certificate: String, key: String, authority: String) {
            self.certificate = certificate
            self.key = key
            self.authority = authority
        }

        /// As `lockstep certificate` names them.
        package init(in folder: String) {
            self.init(
                certificate: "\(folder)/node.pem", key: "\(folder)/node.key", authority: "\(folder)/authority.pem")
        }
    }

    private let source: Source

    /// The folder `/etc/lockstep/CLUSTER/NODE`, with the names of the node's configuration.
    public static let ofThisHost = NodeCertificate(source: .ofThisHost)

    /// A folder as `lockstep certificate node` makes it: with `node.pem`, `node.key` and `authority.pem`.
    public static func folder(_ path: String) -> NodeCertificate { NodeCertificate(source: .files(Files(in: path))) }

    /// Three files.
    ///
    /// - Parameters:
    ///   - certificate: The node's certificate, and behind it those between it and the authority's, if there are any. It
    ///     names the node, as `lockstep://CLUSTER/NODE` among its alternative names.
    ///   - key: The certificate's key, without a passphrase. Nobody but its owner may be able to read or write it (mode 600
    ///     or 400).
    ///   - authority: The certificates of those who may sign the nodes'. No other authority is trusted, not the system's
    ///     either.
    public static func files(certificate: String, key: String, authority: String) -> NodeCertificate {
        NodeCertificate(source: .files(Files(certificate: certificate, key: key, authority: authority)))
    }

    package func files(of node: NodeIdentity) -> Files {
        switch source {
        case .ofThisHost: Files(in: "/etc/lockstep/\(node.cluster)/\(node.name)")
        case .files(let files): files
        }
    }
}
