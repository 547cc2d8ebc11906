#if TLS
    import ArgumentParser
    import Lockstep
    import LockstepCertificates

    /// Makes certificates for nodes.
    struct NodeCertificateCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "node",
            abstract: "Make the certificates of nodes, each with its key, in a folder of its own.",
            discussion: """
                A key that is there is never overwritten. With --renew it stays, and gets another certificate.
                """
        )

        @Option(help: "The name of the cluster.")
        var cluster: String

        @Option(name: .customLong("name"), help: "The name of a node. Repeat it for more.")
        var names: [String]

        @Option(help: "The folder with authority.pem and authority.key.")
        var authority: String

        @Option(help: "The folder in which each node gets a folder of its name.")
        var out: String

        @Option(help: "For how many days they are valid, at most as long as the authority.")
        var days = 365

        @Flag(help: "Give the keys that are there new certificates.")
        var renew = false

        func validate() throws {
            try ValidationError.check(clusterName: cluster)
            for name in names { try ValidationError.check(nodeName: name) }
            try ValidationError.check(days, in: CertificateTerm.days, named: "--days")
        }

        func run() throws {
            let signer = try CertificateAuthority(in: authority)
            if let other = signer.cluster, other != cluster {
                throw CertificateProblem(
                    "The authority in \(authority) is that of cluster \"\(other)\": name the one of \"\(cluster)\".")
            }
            let term = CertificateTerm.range(days: days)
            guard term.upperBound <= signer.validUntil else {
                throw CertificateProblem(
                    """
                    The authority in \(authority) is valid until \(utcText(signer.validUntil)), and no certificate that it \
                    signs for longer: ask for fewer --days, or make another authority.
                    """)
            }
            for name in names {
                let (node, folder) = (NodeIdentity(cluster: cluster, name: name), "\(out)/\(name)")
                if renew {
                    try signer.renewNode(node, in: folder, valid: term)
                } else {
                    try signer.makeNode(node, in: folder, valid: term)
                }
                Terminal.writeLine(
                    "Node \"\(name)\" of cluster \"\(cluster)\": \(folder), valid until \(utcText(term.upperBound)).")
            }
            Terminal.writeLine(advice)
        }

        private var advice: String {
            let copy = "/etc/lockstep/\(cluster)/\(names[0])"
            return """

                Copy each folder to the host of its node, as the user that runs it, with nothing but that node's:

                  \(out)/\(names[0])  to  \(copy)

                There the fabric .tcp() finds it. Elsewhere, name it: .tcp(.tls(.folder("FOLDER"))).
                \(renew ? "Nodes take it when they join again." : "Before they end, say the same with --renew.")
                """
        }
    }
#endif
