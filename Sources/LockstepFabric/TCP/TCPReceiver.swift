import NIOCore

/// Puts the frames of one connection into the mirror, in order, and wakes the thread that reads it.
final class TCPReceiver: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let connection: TCPConnection
    private let region: Region
    private let waker: FabricWaker
    private let onEnd: @Sendable () -> Void
    /// Bytes that do not make a word yet; of its own, so that what was read can be read into again.
    private var rest = ByteBuffer()
    /// What is missing of the frame that has begun.
    private var missing = 0..<0
    /// The connection knows that the other side listens; to say it again would be to wait for a thread that sends.
    private var hasHeard = false
    /// A frame has asked to wake the thread.
    private var isWaking = false

    /// - Parameters:
    ///   - region: The memory behind the mirror.
    ///   - waker: Wakes the thread that the channel belongs to.
    init(_ connection: TCPConnection, _ region: Region, _ waker: FabricWaker, onEnd: @escaping @Sendable () -> Void) {
        self.connection = connection
        self.region = region
        self.waker = waker
        self.onEnd = onEnd
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if rest.readableBytes > 0 {
            var end = bytes.readSlice(length: min(8 - rest.readableBytes, bytes.readableBytes)) ?? ByteBuffer()
            rest.writeBuffer(&end)
            guard take(&rest) else { return context.close(promise: nil) }
        }
        guard take(&bytes) else { return context.close(promise: nil) }
        if bytes.readableBytes > 0 {
            rest.clear()
            rest.writeBuffer(&bytes)
        }
        guard !hasHeard else { return }
        hasHeard = true
        connection.noteHeard()
    }

    /// Once for all that was there to be read.
    func channelReadComplete(context: ChannelHandlerContext) {
        wakeIfAsked()
        context.fireChannelReadComplete()
    }

    private func wakeIfAsked() {
        guard isWaking else { return }
        isWaking = false
        waker.wake()
    }

    func channelInactive(context: ChannelHandlerContext) {
        wakeIfAsked()
        onEnd()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    /// Takes whole words, and notes if the thread is to be woken. False if no correct peer sends this.
    private func take(_ bytes: inout ByteBuffer) -> Bool {
        while bytes.readableBytes >= TCPFrame.headSize {
            if missing.isEmpty {
                guard let head = bytes.readInteger(endianness: .little, as: UInt64.self),
                    let range = TCPFrame.range(head, within: region.size)
                else { return false }
                missing = range
                if range.isEmpty { isWaking = true }
            } else {
                let count = min(missing.count, bytes.readableBytes & ~7)
                let start = missing.lowerBound
                bytes.readWithUnsafeReadableBytes { source in
                    connection.arrive {
                        region.storeWords(UnsafeRawBufferPointer(rebasing: source[..<count]), at: start)
                    }
                    return count
                }
                missing = start + count..<missing.upperBound
            }
        }
        return true
    }
}
