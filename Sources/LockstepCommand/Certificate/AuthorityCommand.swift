#if TLS
    import ArgumentParser
    import Lockstep
    import LockstepCertificates

    /// Makes the authority of a cluster.
    struct AuthorityCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "authority",
            abstract: "Make the authority that signs the certificates of a cluster's nodes.",
            discussion: "Whoever has its key can make nodes of the cluster: keep it away from the nodes' hosts."
        )

        @Option(help: "The name of the cluster.")
        var cluster: String

        @Option(help: "The folder to write authority.pem and authority.key to.")
        var out: String

        @Option(help: "For how many days it is valid.")
        var days = 3650

        func validate() throws {
            try ValidationError.check(clusterName: cluster)
            try ValidationError.check(days, in: CertificateTerm.days, named: "--days")
        }

        func run() throws {
            let authority = try CertificateAuthority(of: cluster, valid: CertificateTerm.range(days: days))
            try authority.write(to: out)
            Terminal.writeLine(
                """
                The authority of cluster "\(cluster)" is valid until \(utcText(authority.validUntil)).

                  \(CertificateAuthority.certificateFile(in: out).path)  its certificate, which every node gets
                  \(CertificateAuthority.keyFile(in: out).path)  its key: keep it secret, and away from the nodes' hosts

                Now make the nodes theirs:

                  lockstep certificate node --cluster \(cluster) --name NAME --authority \(out) --out FOLDER
                """)
        }
    }
#endif
