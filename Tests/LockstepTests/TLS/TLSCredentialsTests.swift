#if TLS
    import Foundation
    import Glibc
    import Logging
    import Testing

    @testable import Lockstep

    @Suite("What a node needs for TLS")
    struct TLSCredentialsTests {
        private let certificates: TestCertificates
        private let node = NodeIdentity(cluster: "shop", name: "a")

        init() throws { certificates = try TestCertificates() }

        @Test func isReadFromAFolder() throws {
            let log = LogLines()
            let credentials = try TLSCredentials(certificates.files("a", until: 9), of: node, logger: log.logger)
            #expect(credentials.own.identities == [node])
            // It is valid for less than a month.
            #expect(log.lines.contains { $0.contains("ends soon") })
        }

        @Test func isMissed() throws {
            for path in [\NodeCertificate.Files.certificate, \.key, \.authority] {
                let files = try certificates.files("a")
                try FileManager.default.removeItem(atPath: files[keyPath: path])
                expectObjection(
                    to: files, "\(files[keyPath: path]) is not there. Make a folder", "lockstep certificate node")
            }
        }

        @Test(arguments: [0o640, 0o604, 0o660] as [mode_t]) func mayBeKnownToOthers(mode: mode_t) throws {
            let files = try certificates.files("a")
            #expect(chmod(files.key, mode) == 0)
            expectObjection(to: files, "chmod 600 \(files.key)")
        }

        @Test func isSomethingElse() throws {
            let objections: [(KeyPath<NodeCertificate.Files, String>, String)] = [
                (\.certificate, "not a certificate"), (\.authority, "not a certificate"), (\.key, "not a private key"),
            ]
            for (path, words) in objections {
                let files = try certificates.files("a")
                for text in ["", "shop", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
                    try Data(text.utf8).write(to: URL(filePath: files[keyPath: path]))
                    expectObjection(to: files, files[keyPath: path], words)
                }
            }
        }

        @Test func isAFolder() throws {
            let files = try certificates.files("a")
            let folder = NodeCertificate.Files(
                certificate: certificates.folder, key: files.key, authority: files.authority)
            expectObjection(to: folder, "is not a file")
        }

        @Test func hasAKeyOfAnotherCertificate() throws {
            let (files, others) = (try certificates.files("a"), try certificates.files("a"))
            let mixed = NodeCertificate.Files(
                certificate: files.certificate, key: others.key, authority: files.authority)
            expectObjection(to: mixed, "\(others.key) is not the key of \(files.certificate)")
        }

        @Test func isNotSignedByTheAuthority() throws {
            let foreign = try TestCertificates()
            let (files, others) = (try certificates.files("a"), try foreign.files("a"))
            let mixed = NodeCertificate.Files(
                certificate: files.certificate, key: files.key, authority: others.authority)
            expectObjection(to: mixed, "does not fit the authority's, \(others.authority)")
        }

        @Test func isNotValidNow() throws {
            expectObjection(to: try certificates.files("a", from: -3, until: -2), "was valid until 20", "--renew")
            expectObjection(to: try certificates.files("a", from: 2, until: 3), "is valid from 20", "clock")
        }

        @Test func isForAnotherNode() throws {
            for other in [NodeIdentity(cluster: "shop", name: "b"), NodeIdentity(cluster: "other", name: "a")] {
                expectObjection(to: try certificates.files("a", for: other), other.uri, node.uri)
            }
        }

        @Test func isInAFolderOfTheHostUnlessItIsNamed() {
            #expect(NodeCertificate.ofThisHost.files(of: node).certificate == "/etc/lockstep/shop/a/node.pem")
            #expect(NodeCertificate.folder("/x").files(of: node).key == "/x/node.key")
        }

        @Test func endsTheJoinOfANodeThatLacksIt() async throws {
            var configuration = NodeConfiguration(cluster: "shop", name: "a", expecting: 1)
            configuration.fabric = .tcp(.tls(.folder("/nowhere")))
            configuration.listen = "127.0.0.1:0"
            configuration.seeds = ["127.0.0.1:7400"]
            let error = await #expect(throws: LockstepError.self) { try await Node.join(configuration) }
            #expect(error?.code == .invalidConfiguration)
            #expect(error?.message.contains("/nowhere/authority.pem is not there") == true)
        }

        private func expectObjection(
            to files: NodeCertificate.Files, _ words: String..., at place: SourceLocation = #_sourceLocation
        ) {
            let log = LogLines()
            let error = #expect(throws: LockstepError.self, sourceLocation: place) {
                try TLSCredentials(files, of: node, logger: log.logger)
            }
            #expect(error?.code == .invalidConfiguration, sourceLocation: place)
            for word in words {
                #expect(error?.message.contains(word) == true, "\(error?.message ?? "")", sourceLocation: place)
            }
        }
    }

    @Suite("Whom a certificate is for")
    struct NodeIdentityTests {
        @Test func isAURI() {
            let node = NodeIdentity(cluster: "shop.eu", name: "a_1-b")
            #expect(node.uri == "lockstep://shop.eu/a_1-b")
            #expect(NodeIdentity(uri: node.uri) == node)
        }

        @Test(arguments: [
            "", "lockstep://", "lockstep://shop", "lockstep:///a", "lockstep://shop/", "lockstep://shop/a/b",
        ])
        func isNothingElse(uri: String) { #expect(NodeIdentity(uri: uri) == nil) }
    }
#endif
