import NIOCore

/// Reads the messages of a connection between hosts, as many as are taken.
final class StreamHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Nobody has the connection any more when this is gone.
    private weak var socket: StreamSocket?
    /// Called with the first message of a connection that has come in; nil for one that goes out.
    private var onPurpose: ((_ purpose: [UInt8]) -> Bool)?
    /// Called with what somebody has to mend.
    private let onFlaw: (_ sentence: String) -> Void
    private var received = ByteBuffer()
    private var isPassingOn = false
    /// False while the thread that polls has enough.
    private var mayRead = true

    init(
        _ socket: StreamSocket, onPurpose: ((_ purpose: [UInt8]) -> Bool)? = nil,
        onFlaw: @escaping (_ sentence: String) -> Void
    ) {
        self.socket = socket
        self.onPurpose = onPurpose
        self.onFlaw = onFlaw
    }

    /// From here on everything goes to the handler behind this.
    func passOn() { isPassingOn = true }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isPassingOn else { return context.fireChannelRead(data) }
        var bytes = unwrapInboundIn(data)
        received.writeBuffer(&bytes)
        take(context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        if isPassingOn || mayRead { context.read() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        onPurpose = nil
        socket?.end()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        socket?.end()
        context.close(promise: nil)
    }

    private func take(_ context: ChannelHandlerContext) {
        mayRead = true
        while let message = next(context) {
            if let onPurpose {
                self.onPurpose = nil
                guard onPurpose(message) else { return context.close(promise: nil) }
            } else {
                mayRead = socket?.take(message) ?? false
            }
        }
        received.discardReadBytes()
    }

    /// The next message that is all here.
    private func next(_ context: ChannelHandlerContext) -> [UInt8]? {
        guard let size = received.getInteger(at: received.readerIndex, endianness: .little, as: UInt32.self) else {
            return nil
        }
        guard size <= (onPurpose == nil ? ControlLimit.messageBytesMax : 1), size > 0 else {
            if let kind = TLSRecord(received) {
                // So that the caller knows it too.
                if kind == .handshake { context.writeAndFlush(wrapOutboundOut(TLSRecord.refusal), promise: nil) }
                onFlaw(TLSRecord.sentence)
            }
            socket?.end(isTooLong: true)
            context.close(promise: nil)
            return nil
        }
        guard received.readableBytes >= 4 + Int(size) else { return nil }
        received.moveReaderIndex(forwardBy: 4)
        return received.readBytes(length: Int(size))
    }
}
