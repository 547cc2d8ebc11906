import NIOCore
import Synchronization

/// One connection of the fabric, to one peer and for one channel: what a thread pushes goes out, and what comes in is put
/// into the mirror by the thread of the connection.
final class TCPConnection: Sendable {
    /// The most bytes that wait for a peer that does not read; then the connection ends.
    private let waitingBytesMax: Int
    /// How long what was flushed before the end may take to leave.
    private static let lastWordsMax = TimeAmount.seconds(1)
    private let isCalled: Bool
    /// More than this is left to the connection's thread, while this one goes on.
    private static let directMax = 16 << 10
    private let state: Mutex<State>

    fileprivate struct State {
        var channel: (any Channel)?
        /// What has been flushed and not been given to the socket.
        var waiting: [ByteBuffer] = []
        var waitingBytes = 0
        /// Has been sent, and can be filled again: fresh memory costs more than the copy into it.
        var spare: [ByteBuffer] = []
        var isSending = false
        /// False until the other side is known to listen for frames.
        var maySend: Bool
        /// True if bytes leave as they are.
        var isPlain = false
        /// Where bytes may go that none wait before.
        var direct: DirectSocket?
        var isFenced = false
        var isClosed = false
    }

    /// Nobody changes the mirror but under this lock, and only as long as it says so.
    private let mayArrive = Mutex(true)

    /// - Parameter isCalled: True at the side that must hear from the other first.
    init(isCalled: Bool, waitingBytesMax: Int) {
        self.isCalled = isCalled
        self.waitingBytesMax = waitingBytesMax
        state = Mutex(State(maySend: !isCalled))
    }

    var isOpen: Bool { state.withLock { !$0.isClosed } }

    // MARK: - Sending

    /// Takes bytes, which leave as soon as those before have, together with all others that come until then; and gives
    /// an empty buffer for them.
    func send(_ bytes: inout ByteBuffer) {
        let (channel, isTooMuch): ((any Channel)?, Bool) = state.withLock { state in
            guard !state.isFenced, !state.isClosed else {
                bytes.clear()
                return (nil, false)
            }
            if bytes.readableBytes <= Self.directMax, state.sendNow(&bytes) { return (nil, false) }
            state.take(&bytes)
            return (state.begin(), state.waitingBytes > waitingBytesMax)
        }
        if isTooMuch {
            state.withLock { _ = $0.giveAll() }
            close()
        } else if let channel {
            channel.eventLoop.execute { [self] in sendWaiting(on: channel) }
        }
    }

    /// On the connection's thread.
    private func sendWaiting(on channel: any Channel) {
        let (buffers, isClosed) = state.withLock { state in
            if state.waiting.isEmpty { state.isSending = false }
            return (state.giveAll(), state.isClosed)
        }
        guard let last = buffers.last else {
            if isClosed { Self.finish(channel) }
            return
        }
        for buffer in buffers.dropLast() { channel.write(buffer, promise: nil) }
        channel.writeAndFlush(last).whenSuccess { [self] in
            state.withLock { state in
                state.reuse(buffers)
                // All has left now that anybody has written before.
                if state.isPlain, !state.isClosed, state.direct == nil { state.direct = DirectSocket(of: channel) }
            }
            sendWaiting(on: channel)
        }
    }

    // MARK: - The connection's thread

    /// The connection is there.
    ///
    /// - Parameter isPlain: True if bytes leave as they are, so that any thread may write them.
    func begin(on channel: any Channel, isPlain: Bool) {
        let isLate = state.withLock { state in
            (state.channel, state.isPlain) = (channel, isPlain)
            return state.isClosed
        }
        if isLate { return channel.close(promise: nil) }
        // So that the other side knows that this one listens.
        var greeting = ByteBuffer(integer: TCPFrame.wake, endianness: .little)
        if !isCalled { send(&greeting) }
    }

    /// The other side listens.
    func noteHeard() {
        let channel = state.withLock { state in
            state.maySend = true
            return state.begin()
        }
        if let channel { sendWaiting(on: channel) }
    }

    /// Puts something into the mirror, unless the connection is closed.
    func arrive(_ body: () -> Void) {
        mayArrive.withLock { mayArrive in
            if mayArrive { body() }
        }
    }

    // MARK: - The end

    /// When this returns nothing arrives any more, and nothing leaves that was not flushed before.
    func fence() {
        mayArrive.withLock { $0 = false }
        state.withLock { $0.isFenced = true }
    }

    /// Ends the connection. What was flushed before still leaves, and what the peer has sent arrives, if that is soon.
    func close() {
        let (channel, isSending): ((any Channel)?, Bool) = state.withLock { state in
            guard !state.isClosed else { return (nil, false) }
            state.isClosed = true
            state.direct = nil
            return (state.channel, state.isSending)
        }
        guard let channel else { return }
        if !isSending { Self.finish(channel) }
        channel.eventLoop.scheduleTask(in: Self.lastWordsMax) { channel.close(promise: nil) }
    }

    /// Says that nothing follows. The peer closes then; closing first would drop what it has not read yet.
    private static func finish(_ channel: any Channel) { channel.close(mode: .output, promise: nil) }
}

extension TCPConnection.State {
    /// What is kept to be filled again: as many buffers, none of which is larger.
    private static let (spareMax, spareBytesMax) = (4, 4 << 20)
    /// So few bytes are copied behind those that wait.
    private static let smallMax = 4 << 10

    /// Where sending has to begin, nil if it need not or cannot.
    fileprivate mutating func begin() -> (any Channel)? {
        guard maySend, !isSending, !waiting.isEmpty, let channel else { return nil }
        isSending = true
        return channel
    }

    /// Sends bytes on the calling thread, if that may be and there is room; some may be left.
    fileprivate func sendNow(_ bytes: inout ByteBuffer) -> Bool {
        guard let direct, !isSending, waiting.isEmpty else { return false }
        direct.write(&bytes)
        guard bytes.readableBytes == 0 else { return false }
        bytes.clear()
        return true
    }

    /// Lets bytes wait, and leaves an empty buffer in their place.
    fileprivate mutating func take(_ bytes: inout ByteBuffer) {
        waitingBytes += bytes.readableBytes
        if !waiting.isEmpty, bytes.readableBytes <= Self.smallMax {
            waiting[waiting.count - 1].writeBuffer(&bytes)
            bytes.clear()
        } else {
            waiting.append(bytes)
            bytes = spare.popLast() ?? ByteBuffer()
        }
    }

    /// Everything that waits.
    fileprivate mutating func giveAll() -> [ByteBuffer] {
        defer { (waiting, waitingBytes) = ([], 0) }
        return waiting
    }

    /// Takes back buffers whose bytes have left.
    fileprivate mutating func reuse(_ buffers: consuming [ByteBuffer]) {
        while spare.count < Self.spareMax, var buffer = buffers.popLast() {
            guard buffer.capacity <= Self.spareBytesMax else { continue }
            // Not `clear()`, which takes other memory as long as somebody holds this.
            buffer.moveReaderIndex(to: 0)
            buffer.moveWriterIndex(to: 0)
            spare.append(buffer)
        }
    }
}
