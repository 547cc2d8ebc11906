#if TLS
    import Foundation
    import Glibc
    import Lockstep
    import LockstepCertificates
    import LockstepTesting
    import Testing

    @testable import LockstepCommand

    @Suite("The command that makes certificates")
    struct CertificateCommandTests {
        private let folder = TemporaryFolder()
        private var authority: String { "\(folder.path)/authority" }
        private var nodes: String { "\(folder.path)/nodes" }

        @Test func makesAnAuthorityAndNodes() async throws {
            let first = try await makeAuthority()
            #expect(first.status == .code(0), "\(first.text)")
            #expect(first.text.contains("lockstep certificate node --cluster shop"))
            let second = try await makeNodes("--name", "b")
            #expect(second.status == .code(0), "\(second.text)")
            #expect(second.text.contains("/etc/lockstep/shop/a"))
            for path in ["authority/authority.key", "nodes/a/node.key", "nodes/b/node.key"] {
                #expect(folder.mode(of: path) == 0o600)
            }
            #expect(folder.mode(of: "nodes/a") == 0o700)
            let report = try CertificateReport(at: "\(nodes)/b/node.pem")
            #expect(report.nodes.map(\.uri) == ["lockstep://shop/b"])
            #expect(!report.isAuthority && report.validUntil - report.validFrom > 364 * CertificateTerm.secondsADay)
            #expect(folder.text(of: "nodes/a/authority.pem") == folder.text(of: "authority/authority.pem"))
        }

        @Test func overwritesNothing() async throws {
            _ = try await makeAuthority()
            _ = try await makeNodes()
            let before = ["authority/authority.key", "nodes/a/node.key", "nodes/a/node.pem"].map(folder.text)
            for run in [try await makeAuthority(), try await makeNodes()] {
                #expect(run.status == .code(1) && run.text.contains("is there already"), "\(run.text)")
            }
            #expect(["authority/authority.key", "nodes/a/node.key", "nodes/a/node.pem"].map(folder.text) == before)
        }

        @Test func renewsACertificateAndKeepsItsKey() async throws {
            _ = try await makeAuthority()
            _ = try await makeNodes("--days", "1")
            let (key, certificate) = (folder.text(of: "nodes/a/node.key"), folder.text(of: "nodes/a/node.pem"))
            let show = try await CommandRun("certificate", "show", "\(nodes)/a")
            #expect(
                show.status == .code(0)
                    && show.text.contains("note  \(nodes)/a/node.pem: node \"a\" of cluster \"shop\""))
            #expect(show.text.contains("--renew") && show.text.contains("ok    \(nodes)/a/authority.pem"))
            let renewal = try await makeNodes("--renew", "--days", "60")
            #expect(renewal.status == .code(0), "\(renewal.text)")
            #expect(folder.text(of: "nodes/a/node.key") == key && folder.text(of: "nodes/a/node.pem") != certificate)
            let after = try await CommandRun("certificate", "show", "\(nodes)/a")
            #expect(after.text.contains("ok    \(nodes)/a/node.pem"), "\(after.text)")
        }

        @Test func refusesWhatDoesNotFit() async throws {
            let without = try await makeNodes()
            #expect(without.status == .code(1) && without.text.contains("There is no authority in \(authority)"))
            _ = try await makeAuthority()
            let other = try await CommandRun(
                "certificate", "node", "--cluster", "other", "--name", "a", "--authority", authority, "--out", nodes)
            #expect(other.status == .code(1) && other.text.contains("is that of cluster \"shop\""))
            let long = try await makeNodes("--days", "36500")
            #expect(long.status == .code(1) && long.text.contains("fewer --days"))
            for name in ["..", "a/b", ""] {
                #expect(try await makeNodes("--name", name).status == .code(64))
            }
            #expect(try await makeNodes("--days", "0").status == .code(64))
        }

        @Test func findsWhatCannotBeUsed() async throws {
            let nothing = try await CommandRun("certificate", "show", "\(folder.path)/nothing")
            #expect(
                nothing.status == .code(1) && nothing.text.contains("bad   \(folder.path)/nothing cannot be opened"))
            _ = try await makeAuthority()
            _ = try await makeNodes()
            let path = "\(nodes)/a/node.pem"
            let now = try CertificateReport(at: path)
            #expect(Finding.certificate(at: path, now: now.validUntil + 1).fact.contains("was valid until"))
            #expect(Finding.certificate(at: path, now: now.validFrom - 1).grade == .bad)
        }

        private func makeAuthority() async throws -> CommandRun {
            try await CommandRun("certificate", "authority", "--cluster", "shop", "--out", authority)
        }

        private func makeNodes(_ more: String...) async throws -> CommandRun {
            try await CommandRun(
                ["certificate", "node", "--cluster", "shop", "--name", "a", "--authority", authority, "--out", nodes]
                    + more)
        }
    }

    /// A folder that goes with this.
    private final class TemporaryFolder: Sendable {
        let path = FileManager.default.temporaryDirectory.appending(path: "lockstep-\(UUID().uuidString)").path

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func text(of name: String) -> String { (try? String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)) ?? "" }

        func mode(of name: String) -> mode_t {
            var status = stat()
            return stat("\(path)/\(name)", &status) == 0 ? status.st_mode & 0o777 : 0
        }
    }
#endif
