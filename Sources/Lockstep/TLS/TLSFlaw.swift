#if TLS
    import Glibc
    import NIOSSL

    extension TLSCredentials {
        /// What is wrong with a connection, and how to mend it; nil if nothing is known that anybody could mend.
        ///
        /// - Parameters:
        ///   - error: What TLS says.
        ///   - peer: The certificate of the other side, if it has shown one.
        ///   - whom: The other side, in words.
        func flaw(_ error: any Error, of peer: PeerCertificate?, whom: String) -> String? {
            let text = "\(error)"
            if text.contains("CERTIFICATE_VERIFY_FAILED") { return peer.map { flaw(of: $0, whom: whom) } }
            return Self.sentences.first { signs, _ in signs.contains(where: text.contains) }.map { _, sentence in
                "The \(whom) \(sentence(files.certificate))"
            }
        }

        /// What the words of BoringSSL mean, of which the alerts are the other side's.
        private static let sentences: [(signs: [String], sentence: @Sendable (_ certificate: String) -> String)] = [
            (
                ["PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL", "WRONG_VERSION_NUMBER"],
                { _ in "does not speak TLS 1.3: \(StreamSecurity.mend)" }
            ),
            (["PEER_DID_NOT_RETURN_A_CERTIFICATE"], { _ in "shows no certificate: choose `.tcp()` on all nodes." }),
            (
                ["ALERT_UNKNOWN_CA"],
                { "does not know the authority of this node's \($0): give all nodes certificates of one authority." }
            ),
            (
                ["ALERT_CERTIFICATE_EXPIRED"],
                { "finds that this node's \($0) is not valid now: \(renewal), or set the clocks of both hosts right." }
            ),
            (
                [
                    "ALERT_BAD_CERTIFICATE", "ALERT_CERTIFICATE_UNKNOWN", "ALERT_UNSUPPORTED_CERTIFICATE",
                    "ALERT_DECRYPT_ERROR",
                ],
                { "does not accept this node's \($0): its log says why. Set the clocks of both hosts right." }
            ),
        ]

        private func flaw(of peer: PeerCertificate, whom: String) -> String {
            let (now, until, from) = (time(nil), peer.validUntil, peer.validFrom)
            let certificate = "The certificate of the \(whom), \(peer.owner),"
            if until < now { return "\(certificate) was valid until \(utcText(until)): \(Self.renewal) there." }
            if from > now {
                return """
                    \(certificate) is valid from \(utcText(from)) on, and this host's clock says \(utcText(now)): set the \
                    clocks of both hosts right.
                    """
            }
            return """
                \(certificate) is not signed by the authority in \(files.authority): give all nodes certificates of one \
                authority.
                """
        }

        /// What is wrong with a certificate that the authority has signed; nil if it is for a node of this cluster, and
        /// for the one that was called.
        func flaw(of peer: PeerCertificate, expecting name: String?, whom: String) -> String? {
            let own = peer.identities.filter { $0.cluster == node.cluster }
            if own.isEmpty {
                return """
                    The certificate of the \(whom) is \(peer.owner), and not for a node of cluster "\(node.cluster)": give that \
                    process another one, or give the clusters ports of their own.
                    """
            }
            guard let name, !own.contains(where: { $0.name == name }) else { return nil }
            return """
                The certificate of the \(whom) is \(peer.owner), and not for node "\(name)", which was called there: give each \
                node its own.
                """
        }
    }
#endif
