#if TLS
    import ArgumentParser
    import Glibc
    import Lockstep
    import LockstepCertificates

    /// Says for whom certificates are, and until when.
    struct ShowCertificateCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Print for whom certificates are, and until when.",
            discussion: """
                Every line is good (ok), ends within 30 days (note) or cannot be used (bad). The exit code is 1 if \
                anything is bad.
                """
        )

        @Argument(help: "Certificates in PEM, or folders with node.pem or authority.pem.")
        var paths: [String]

        func run() throws {
            let findings = paths.flatMap(Self.certificates).map { Finding.certificate(at: $0, now: time(nil)) }
            for finding in findings { Terminal.write(finding.text) }
            if findings.contains(where: { $0.grade == .bad }) { throw ExitCode.failure }
        }

        /// The certificates of a folder; the path itself if it is none, or has none.
        private static func certificates(_ path: String) -> [String] {
            let files = ["node.pem", "authority.pem"].map { "\(path)/\($0)" }.filter { CredentialFile($0).exists }
            return files.isEmpty ? [path] : files
        }
    }

    extension Finding {
        private static let noticeDays = 30

        static func certificate(at path: String, now: Int) -> Finding {
            do {
                return certificate(try CertificateReport(at: path), at: path, now: now)
            } catch {
                return .bad("\(error)", mend: "Name a certificate, or a folder that lockstep certificate has made.")
            }
        }

        private static func certificate(_ report: CertificateReport, at path: String, now: Int) -> Finding {
            let owner =
                report.isAuthority
                ? "authority\(report.cluster.map { " of cluster \"\($0)\"" } ?? "")"
                : report.nodes.map { "node \"\($0.name)\" of cluster \"\($0.cluster)\"" }.joined(separator: ", ")
            let days = (report.validUntil - now) / CertificateTerm.secondsADay
            let mend =
                report.isAuthority
                ? "Make another authority, and let nodes trust both (authority.pem may have several) while they change over."
                : "Make it anew with lockstep certificate node --renew, and let the node join again."
            let fact = "\(path): \(owner), "
            if owner.isEmpty {
                return .bad(
                    "\(path): for no node of Lockstep.", mend: "Name a certificate that lockstep certificate has made.")
            }
            if report.validUntil < now {
                return .bad("\(fact)was valid until \(utcText(report.validUntil)).", mend: mend)
            }
            if report.validFrom > now {
                return .bad(
                    "\(fact)is valid from \(utcText(report.validFrom)) on.", mend: "Set this host's clock right.")
            }
            let sentence = "\(fact)valid until \(utcText(report.validUntil)), \(days) days."
            return days < noticeDays ? .warning(sentence, mend: mend) : .good(sentence)
        }
    }
#endif
