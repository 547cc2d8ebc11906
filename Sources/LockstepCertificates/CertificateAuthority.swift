#if TLS
    import Crypto
    import FoundationEssentials
    import Lockstep
    import SwiftASN1
    import X509

    /// Who signs the certificates of a cluster's nodes. Times are in seconds since 1970.
    package struct CertificateAuthority: Sendable {
        private let certificate: Certificate
        private let key: Certificate.PrivateKey

        /// Makes a new one.
        package init(of cluster: String, valid: Range<Int>) throws {
            let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
            self.key = key
            let name = try DistinguishedName {
                OrganizationName(cluster)
                CommonName("Lockstep authority")
            }
            certificate = try Certificate(
                subject: name, key.publicKey, by: name, key, valid: valid,
                Certificate.Extensions {
                    Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                    Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                    SubjectKeyIdentifier(hash: key.publicKey)
                })
        }

        // MARK: - Its files

        package static func certificateFile(in folder: String) -> CredentialFile {
            CredentialFile("\(folder)/authority.pem")
        }

        package static func keyFile(in folder: String) -> CredentialFile { CredentialFile("\(folder)/authority.key") }

        /// Reads one that ``write(to:)`` has written.
        package init(in folder: String) throws(CertificateProblem) {
            let (certificateFile, keyFile) = (Self.certificateFile(in: folder), Self.keyFile(in: folder))
            guard certificateFile.exists, keyFile.exists else {
                throw CertificateProblem(
                    """
                    There is no authority in \(folder): \(certificateFile.path) or \(keyFile.path) is missing. Make one \
                    with `lockstep certificate authority --cluster NAME --out \(folder)`, once for the cluster.
                    """)
            }
            let texts = (try certificateFile.read(), try keyFile.read())
            guard let certificate = try? Certificate(pemEncoded: texts.0) else {
                throw CertificateProblem("\(certificateFile.path) is not a certificate in PEM.")
            }
            guard let key = try? Certificate.PrivateKey(pemEncoded: texts.1) else {
                throw CertificateProblem("\(keyFile.path) is not a private key in PEM.")
            }
            guard key.publicKey == certificate.publicKey else {
                throw CertificateProblem("\(keyFile.path) is not the key of \(certificateFile.path).")
            }
            (self.certificate, self.key) = (certificate, key)
        }

        /// Writes the certificate and the key, if there are none yet.
        package func write(to folder: String) throws {
            try CredentialFile.makeFolder(folder)
            try Self.keyFile(in: folder).write(key.serializeAsPEM().pemString + "\n", isSecret: true)
            try Self.certificateFile(in: folder).write(pem)
        }

        private var pem: String { get throws { try certificate.serializeAsPEM().pemString + "\n" } }

        /// The cluster that it was made for; nil if something else has made it.
        package var cluster: String? { CertificateReport(certificate).cluster }

        package var validUntil: Int { CertificateReport(certificate).validUntil }

        // MARK: - Signing

        /// Makes the folder that a node needs, with a new key.
        package func makeNode(_ node: NodeIdentity, in folder: String, valid: Range<Int>) throws {
            let files = NodeCertificate.Files(in: folder)
            for path in [files.key, files.certificate, files.authority] where CredentialFile(path).exists {
                throw CertificateProblem(
                    """
                    \(path) is there already, and is not overwritten: choose another folder or, to make the node's key \
                    another certificate, say --renew.
                    """)
            }
            let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
            let certificate = try sign(node, key.publicKey, valid: valid)
            try CredentialFile.makeFolder(folder)
            try CredentialFile(files.key).write(key.serializeAsPEM().pemString + "\n", isSecret: true)
            try CredentialFile(files.certificate).write(certificate)
            try CredentialFile(files.authority).write(pem)
        }

        /// Makes the key in a node's folder another certificate.
        package func renewNode(_ node: NodeIdentity, in folder: String, valid: Range<Int>) throws {
            let files = NodeCertificate.Files(in: folder)
            let text = try CredentialFile(files.key).read()
            guard let key = try? Certificate.PrivateKey(pemEncoded: text) else {
                throw CertificateProblem("\(files.key) is not a private key in PEM.")
            }
            try CredentialFile(files.certificate).write(sign(node, key.publicKey, valid: valid), isReplacing: true)
            try CredentialFile(files.authority).write(pem, isReplacing: true)
        }

        private func sign(_ node: NodeIdentity, _ publicKey: Certificate.PublicKey, valid: Range<Int>) throws -> String
        {
            let name = try DistinguishedName {
                OrganizationName(node.cluster)
                CommonName(node.name)
            }
            let identifier = try certificate.extensions.subjectKeyIdentifier?.keyIdentifier
            let certificate = try Certificate(
                subject: name, publicKey, by: certificate.subject, key, valid: valid,
                Certificate.Extensions {
                    Critical(BasicConstraints.notCertificateAuthority)
                    Critical(KeyUsage(digitalSignature: true))
                    // Each node calls and is called.
                    try ExtendedKeyUsage([.serverAuth, .clientAuth])
                    SubjectAlternativeNames([.uniformResourceIdentifier(node.uri)])
                    SubjectKeyIdentifier(hash: publicKey)
                    AuthorityKeyIdentifier(keyIdentifier: identifier)
                })
            return try certificate.serializeAsPEM().pemString + "\n"
        }
    }

    extension Certificate {
        fileprivate init(
            subject: DistinguishedName, _ publicKey: PublicKey, by issuer: DistinguishedName, _ key: PrivateKey,
            valid: Range<Int>, _ extensions: Extensions
        ) throws {
            try self.init(
                version: .v3, serialNumber: SerialNumber(), publicKey: publicKey,
                notValidBefore: Date(timeIntervalSince1970: Double(valid.lowerBound)),
                notValidAfter: Date(timeIntervalSince1970: Double(valid.upperBound)),
                issuer: issuer, subject: subject, extensions: extensions, issuerPrivateKey: key)
        }
    }
#endif
