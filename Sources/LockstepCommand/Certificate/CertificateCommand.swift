#if TLS
    import ArgumentParser

    /// Makes what nodes of several hosts need for TLS.
    struct CertificateCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "certificate",
            abstract: "Make certificates for the nodes of a cluster, and look at them.",
            discussion: """
                A cluster has one authority, which signs a certificate for each node:

                  lockstep certificate authority --cluster shop --out authority
                  lockstep certificate node --cluster shop --name a --name b --name c --authority authority --out nodes

                Then nodes/a is what the host of node a needs, as /etc/lockstep/shop/a. The authority stays where it is.
                """,
            subcommands: [AuthorityCommand.self, NodeCertificateCommand.self, ShowCertificateCommand.self]
        )
    }
#endif
