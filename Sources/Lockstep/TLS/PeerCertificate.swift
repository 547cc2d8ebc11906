#if TLS
    import NIOSSL
    import SwiftASN1

    /// What a certificate says of its node. That it is true is known when an authority's signature was checked.
    struct PeerCertificate: Sendable {
        private let certificate: NIOSSLCertificate
        /// The nodes that it is for.
        let identities: [NodeIdentity]

        init(_ certificate: NIOSSLCertificate) {
            self.certificate = certificate
            identities = ((try? Self.alternativeNames(certificate.toDERBytes())) ?? []).compactMap(
                NodeIdentity.init(uri:))
        }

        /// In seconds since 1970.
        var validFrom: Int { certificate.notValidBefore }
        var validUntil: Int { certificate.notValidAfter }

        /// The nodes in words.
        var owner: String {
            identities.isEmpty ? "for no node of Lockstep" : "for \(identities.map(\.uri).joined(separator: " and "))"
        }

        // MARK: - Reading

        private static let uriTag = ASN1Identifier(tagWithNumber: 6, tagClass: .contextSpecific)
        private static let extensionsTag = ASN1Identifier(tagWithNumber: 3, tagClass: .contextSpecific)
        private static let alternativeNames: ASN1ObjectIdentifier = [2, 5, 29, 17]

        /// The URIs among the alternative names, as RFC 5280 lays them out.
        private static func alternativeNames(_ bytes: [UInt8]) throws -> [String] {
            guard let body = try children(of: DER.parse(bytes)).first,
                let tagged = try children(of: body).first(where: { $0.identifier == extensionsTag }),
                let extensions = try children(of: tagged).first
            else { return [] }
            for field in try children(of: extensions) {
                let parts = try children(of: field)
                guard let kind = parts.first, let value = parts.last,
                    try ASN1ObjectIdentifier(derEncoded: kind) == alternativeNames
                else { continue }
                let names = try DER.parse(ASN1OctetString(derEncoded: value).bytes)
                return try children(of: names).filter { $0.identifier == uriTag }.compactMap { node in
                    guard case .primitive(let content) = node.content else { return nil }
                    return String(validating: content, as: UTF8.self)
                }
            }
            return []
        }

        private static func children(of node: ASN1Node) throws -> [ASN1Node] {
            guard case .constructed(let children) = node.content else {
                throw ASN1Error.unexpectedFieldType(node.identifier)
            }
            return Array(children)
        }
    }
#endif
