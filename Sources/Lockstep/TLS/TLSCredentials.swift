#if TLS
    import Glibc
    import Logging
    import NIOCore
    import NIOSSL

    /// What a node shows to the others, and by what it knows them: read and checked when it joins.
    struct TLSCredentials: Sendable {
        private static let secondsADay = 86_400
        /// From how many days before the end of the certificate on the log says so.
        private static let warningDays = 30

        let node: NodeIdentity
        let files: NodeCertificate.Files
        let own: PeerCertificate
        let context: NIOSSLContext

        /// - Throws: ``LockstepError/Code/invalidConfiguration``, with what is wrong with which file.
        init(_ files: NodeCertificate.Files, of node: NodeIdentity, logger: Logger) throws(LockstepError) {
            try self.init(reading: files, of: node)
            try check()
            try rehearse()
            log(logger)
        }

        /// Reads the files. What the certificate says is not looked at.
        init(reading files: NodeCertificate.Files, of node: NodeIdentity) throws(LockstepError) {
            self.node = node
            self.files = files
            let authorities = try Self.certificates(PEMFile(what: "The authority's certificate", path: files.authority))
            let chain = try Self.certificates(PEMFile(what: "The node's certificate", path: files.certificate))
            let keyFile = PEMFile(what: "The key of the node's certificate", path: files.key, isSecret: true)
            own = PeerCertificate(chain[0])
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(try Self.key(keyFile)))
            configuration.minimumTLSVersion = .tlsv13
            configuration.trustRoots = .certificates(authorities)
            // Nodes are known by their names in the cluster, and not by those of hosts: the gate looks at them.
            configuration.certificateVerification = .noHostnameVerification
            // As long as the last words of a connection without TLS may take.
            configuration.shutdownTimeout = .seconds(1)
            do {
                context = try NIOSSLContext(configuration: configuration)
            } catch {
                throw keyFile.problem(
                    "is not the key of \(files.certificate): put there the one that was made with it. (\(error))")
            }
        }

        // MARK: - Reading

        private static func certificates(_ file: PEMFile) throws(LockstepError) -> [NIOSSLCertificate] {
            let bytes = try file.read()
            guard let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty else {
                throw file.problem("is not a certificate in PEM: copy it anew.")
            }
            return certificates
        }

        private static func key(_ file: PEMFile) throws(LockstepError) -> NIOSSLPrivateKey {
            let bytes = try file.read()
            // Without a passphrase to ask for, nobody is asked for one.
            let key = try? NIOSSLPrivateKey(bytes: bytes, format: .pem) { (give: NIOSSLPassphraseSetter<[UInt8]>) in
                give([])
            }
            guard let key else {
                throw file.problem("is not a private key in PEM, without a passphrase: copy it anew.")
            }
            return key
        }

        private func check() throws(LockstepError) {
            let now = time(nil)
            let sentence: String
            if !own.identities.contains(node) {
                sentence = "is \(own.owner), and this is \(node.uri): take this node's, or give it that name."
            } else if own.validUntil < now {
                sentence = "was valid until \(utcText(own.validUntil)): \(Self.renewal)."
            } else if own.validFrom > now {
                sentence =
                    "is valid from \(utcText(own.validFrom)) on, and this host's clock says \(utcText(now)): set the clock right."
            } else {
                return
            }
            throw LockstepError(.invalidConfiguration, "The node's certificate \(files.certificate) \(sentence)")
        }

        private func log(_ logger: Logger) {
            let days = (own.validUntil - time(nil)) / Self.secondsADay
            let metadata: Logger.Metadata = ["valid until": "\(utcText(own.validUntil))", "days": "\(days)"]
            if days < Self.warningDays {
                logger.warning("the node's certificate ends soon: \(Self.renewal)", metadata: metadata)
            } else {
                logger.info("certificate", metadata: metadata)
            }
        }

        static let renewal = "renew it with `lockstep certificate node --renew`, and let the node join again"
    }
#endif
