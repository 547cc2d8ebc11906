#if TLS
    import FoundationEssentials
    import Lockstep
    import SwiftASN1
    import X509

    /// What a certificate says of itself.
    package struct CertificateReport: Sendable {
        /// The nodes that it is for.
        package let nodes: [NodeIdentity]
        /// The cluster whose authority it is, if it is one that ``CertificateAuthority`` has made.
        package let cluster: String?
        package let isAuthority: Bool
        /// In seconds since 1970.
        package let validFrom: Int
        package let validUntil: Int

        /// Reads the first certificate of a file.
        package init(at path: String) throws(CertificateProblem) {
            let text = try CredentialFile(path).read()
            guard
                let certificate = try? PEMDocument.parseMultiple(pemString: text).first.map(
                    Certificate.init(pemDocument:))
            else { throw CertificateProblem("\(path) is not a certificate in PEM: name another file.") }
            self.init(certificate)
        }

        init(_ certificate: Certificate) {
            validFrom = Int(certificate.notValidBefore.timeIntervalSince1970)
            validUntil = Int(certificate.notValidAfter.timeIntervalSince1970)
            let names = (try? certificate.extensions.subjectAlternativeNames) ?? SubjectAlternativeNames([])
            nodes = names.compactMap { name in
                guard case .uniformResourceIdentifier(let uri) = name else { return nil }
                return NodeIdentity(uri: uri)
            }
            if case .isCertificateAuthority? = try? certificate.extensions.basicConstraints {
                isAuthority = true
            } else {
                isAuthority = false
            }
            let attributes = certificate.subject.flatMap { $0 }
            func value(of kind: ASN1ObjectIdentifier) -> String? {
                attributes.first { $0.type == kind }.flatMap { String($0.value) }
            }
            let isOurs = value(of: .NameAttributes.commonName) == "Lockstep authority"
            cluster = isAuthority && isOurs ? value(of: .NameAttributes.organizationName) : nil
        }
    }
#endif
