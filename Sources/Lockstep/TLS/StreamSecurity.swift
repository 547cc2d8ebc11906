import Logging

/// What protects the connections between hosts.
enum StreamSecurity: Sendable {
    case plaintext
    #if TLS
        case tls(TLSCredentials)
    #endif

    var isPlaintext: Bool {
        switch self {
        case .plaintext: true
        #if TLS
            case .tls: false
        #endif
        }
    }

    /// How nodes that differ become alike.
    static let mend =
        "leave out `.plaintext` on all nodes, or ask for it on all if nobody else has access to the network."

    /// What a configuration asks for.
    ///
    /// - Throws: ``LockstepError/Code/invalidConfiguration`` if it cannot be had.
    init(_ security: FabricChoice.Security, of node: NodeIdentity, logger: Logger) throws(LockstepError) {
        switch security {
        case .plaintext:
            self = .plaintext
        case .tls(let certificate):
            #if TLS
                self = .tls(try TLSCredentials(certificate.files(of: node), of: node, logger: logger))
            #else
                _ = certificate
                throw LockstepError(
                    .invalidConfiguration,
                    """
                    This program was built without TLS, which protects connections between hosts: build it with the trait \
                    `TLS` of the package lockstep. Or ask for `.plaintext` by name, as in `.auto(.plaintext)`, on all \
                    nodes and their clients, for a network that nobody else has access to.
                    """
                )
            #endif
        }
    }
}
