#if TLS
    import NIOCore
    import NIOEmbedded
    import NIOSSL

    extension TLSCredentials {
        /// Lets the node shake hands with itself, so that it hears from itself, and first, what others would find wrong.
        ///
        /// - Throws: ``LockstepError/Code/invalidConfiguration`` if the authority has not signed the certificate, or not
        ///   for both sides of a connection.
        func rehearse() throws(LockstepError) {
            do {
                let ends = (EmbeddedChannel(), EmbeddedChannel())
                try ends.0.pipeline.syncOperations.addHandler(
                    NIOSSLClientHandler(context: context, serverHostname: nil))
                try ends.1.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                let address = try SocketAddress(unixDomainSocketPath: "/")
                for end in [ends.0, ends.1] { end.connect(to: address, promise: nil) }
                defer {
                    for end in [ends.0, ends.1] { end.close(promise: nil) }
                    while (try? Self.carry(ends.0, ends.1)) ?? true {}
                    // Nothing may be left for later when the two are gone.
                    for end in [ends.0, ends.1] { end.embeddedEventLoop.advanceTime(by: .minutes(1)) }
                }
                while try Self.carry(ends.0, ends.1) {}
            } catch {
                throw LockstepError(
                    .invalidConfiguration,
                    """
                    The node's certificate \(files.certificate) does not fit the authority's, \(files.authority), or is \
                    not for both sides of a connection: give all nodes certificates of one authority. (\(error))
                    """,
                    cause: error)
            }
        }

        /// Carries what the ends have said to the other. False if neither has said anything.
        private static func carry(_ one: EmbeddedChannel, _ other: EmbeddedChannel) throws -> Bool {
            var isNews = false
            for (from, to) in [(one, other), (other, one)] {
                while let bytes = try from.readOutbound(as: ByteBuffer.self) {
                    isNews = true
                    try to.writeInbound(bytes)
                }
            }
            return isNews
        }
    }
#endif
