#if TLS
    import NIOCore
    import NIOSSL
    import NIOTLS

    /// Stands behind TLS in a connection's pipeline. It lets nothing through before the other side has shown that it is a
    /// node of this cluster, and says why if it is not.
    final class TLSGate: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias InboundOut = ByteBuffer

        private let credentials: TLSCredentials
        /// The other side, in words.
        private let whom: String
        /// The node that was called, nil if it is not known or this node was.
        private let expected: String?
        private var onOpen: ((_ names: Set<String>) -> Void)?
        private let onFlaw: (_ sentence: String) -> Void
        private var isOpen = false
        private var limit: Scheduled<Void>?

        /// - Parameters:
        ///   - onOpen: Called with the names that the other side's certificate is for.
        ///   - onFlaw: Called with what somebody has to mend.
        init(
            _ credentials: TLSCredentials, whom: String, expecting expected: String?,
            onOpen: @escaping (_ names: Set<String>) -> Void, onFlaw: @escaping (_ sentence: String) -> Void
        ) {
            self.credentials = credentials
            self.whom = whom
            self.expected = expected
            self.onOpen = onOpen
            self.onFlaw = onFlaw
        }

        func channelActive(context: ChannelHandlerContext) {
            // Whoever says nothing is cut off.
            let channel = context.channel
            limit = context.eventLoop.scheduleTask(in: .nanoseconds(ControlLimit.silenceNanoseconds)) {
                channel.close(promise: nil)
            }
            context.fireChannelActive()
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case TLSUserEvent.handshakeCompleted? = event as? TLSUserEvent { look(context) }
            context.fireUserInboundEventTriggered(event)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            if isOpen { context.fireChannelRead(data) }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            if let flaw = credentials.flaw(error, of: peer(context), whom: whom) { onFlaw(flaw) }
            context.fireErrorCaught(error)
        }

        func channelInactive(context: ChannelHandlerContext) {
            limit?.cancel()
            onOpen = nil
            context.fireChannelInactive()
        }

        private func look(_ context: ChannelHandlerContext) {
            limit?.cancel()
            guard let onOpen, let peer = peer(context) else { return context.close(promise: nil) }
            self.onOpen = nil
            if let flaw = credentials.flaw(of: peer, expecting: expected, whom: whom) {
                onFlaw(flaw)
                return context.close(promise: nil)
            }
            isOpen = true
            onOpen(Set(peer.identities.filter { $0.cluster == credentials.node.cluster }.map(\.name)))
        }

        private func peer(_ context: ChannelHandlerContext) -> PeerCertificate? {
            (try? context.pipeline.syncOperations.nioSSL_peerCertificate()).map(PeerCertificate.init)
        }
    }
#endif
