#if TLS
    import Foundation
    import Glibc
    import LockstepCertificates

    @testable import Lockstep

    /// An authority, and a folder with the certificates that it has made for nodes.
    final class TestCertificates: Sendable {
        static let day = 86_400
        static let now = time(nil)

        let cluster: String
        let folder = FileManager.default.temporaryDirectory.appending(path: "lockstep-\(UUID().uuidString)").path
        private let authority: CertificateAuthority

        init(of cluster: String = "shop") throws {
            self.cluster = cluster
            authority = try CertificateAuthority(
                of: cluster, valid: Self.now - 10 * Self.day..<Self.now + 10 * Self.day)
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }

        /// Makes a node's folder, with a certificate that may be another node's, or valid at another time.
        func files(
            _ name: String, for identity: NodeIdentity? = nil, from: Int = -1, until: Int = 1
        ) throws -> NodeCertificate.Files {
            let place = "\(folder)/\(UUID().uuidString)"
            try authority.makeNode(
                identity ?? NodeIdentity(cluster: cluster, name: name), in: place,
                valid: Self.now + from * Self.day..<Self.now + until * Self.day)
            return NodeCertificate.Files(in: place)
        }

        /// What a node shows, whatever is wrong with it.
        func credentials(
            _ name: String, for identity: NodeIdentity? = nil, from: Int = -1, until: Int = 1
        ) throws -> TLSCredentials {
            try TLSCredentials(
                reading: files(name, for: identity, from: from, until: until),
                of: NodeIdentity(cluster: cluster, name: name))
        }

        /// For the configuration of a node.
        func security(_ name: String) -> FabricChoice.Security {
            do {
                let files = try files(name)
                return .tls(.files(certificate: files.certificate, key: files.key, authority: files.authority))
            } catch {
                preconditionFailure("no certificate can be made: \(error)")
            }
        }
    }
#endif
