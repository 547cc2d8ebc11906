import DequeModule
import Glibc
import NIOCore
import Synchronization

/// One end of a connection between hosts, for a thread that polls. Messages travel behind their length, in 4 bytes,
/// little-endian; descriptors cannot.
final class StreamSocket: ControlSocket, Sendable {
    /// What waits for a thread that does not take it, before nothing more is read.
    private static let inboxBytesMax = 1 << 20
    /// How long the other side may take to read the last messages.
    private static let lastWordsMax = TimeAmount.seconds(1)

    private struct State {
        var channel: (any Channel)?
        var inbox: Deque<[UInt8]> = []
        var inboxBytes = 0
        var outbox: Deque<ByteBuffer> = []
        var outboxBytes = 0
        var isSending = false
        /// Set when a message found no room: the thread is woken when there is some.
        var wantsRoom = false
        var isTooLong = false
        var isClosed = false
        var flaw: String?
        /// The names that the other side has shown a certificate for; nil if it has shown none.
        var names: Set<String>?
        /// What goes on with the connection instead of this.
        var successor: (@Sendable (any Channel) -> Void)?
    }

    private let state = Mutex(State())
    /// Has something as long as there is something to receive.
    private let wake: PollWake

    init() throws(RendezvousError) { wake = try PollWake() }

    // What is being sent keeps this until it has left. The other side closes when it has read that: closing first would
    // drop what it has not.
    deinit {
        guard let channel = state.withLock(\.channel) else { return }
        channel.close(mode: .output, promise: nil)
        channel.eventLoop.scheduleTask(in: Self.lastWordsMax) { channel.close(promise: nil) }
    }

    // MARK: - For the thread that polls

    var isOnOneHost: Bool { false }

    func mayBe(_ node: String) -> Bool { state.withLock { $0.names?.contains(node) ?? true } }

    var flaw: String? { state.withLock(\.flaw) }

    func polled(forRoom wantsRoom: Bool) -> pollfd { pollfd(reading: wake.reader) }

    func peer() -> (user: UInt32, process: Int32) { (getuid(), 0) }

    func send(_ bytes: [UInt8], numbers: [Int32]) -> Int32 {
        precondition(numbers.isEmpty, "a descriptor cannot be handed to another host")
        return state.withLock { state in
            guard !state.isClosed else { return -EPIPE }
            guard state.outboxBytes <= ControlLimit.waitingBytesMax else {
                state.wantsRoom = true
                return -EAGAIN
            }
            let message = Self.frame(bytes)
            state.outboxBytes += message.readableBytes
            state.outbox.append(message)
            beginSending(&state)
            return 0
        }
    }

    func receive() -> ControlArrival {
        state.withLock { state in
            if let bytes = state.inbox.popFirst() {
                state.inboxBytes -= bytes.count
                if state.inboxBytes <= Self.inboxBytesMax { state.channel?.read() }
                if state.inbox.isEmpty, !state.isClosed { wake.clear() }
                return .message(bytes, [])
            }
            if state.isTooLong { return .tooLong }
            if state.isClosed { return .closed }
            wake.clear()
            return .nothing
        }
    }

    /// From here on the connection belongs to somebody else, who is given it on its own thread; then `message` is sent.
    func hand(to successor: @escaping @Sendable (any Channel) -> Void, sending message: [UInt8]? = nil) {
        state.withLock { state in
            state.successor = successor
            if let message {
                let message = Self.frame(message)
                state.outboxBytes += message.readableBytes
                state.outbox.append(message)
            }
            guard let channel = state.channel else { return }
            channel.eventLoop.execute { [self] in handOver(channel) }
        }
    }

    // MARK: - Sending, on the connection's thread

    private static func frame(_ message: [UInt8]) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeInteger(UInt32(message.count), endianness: .little)
        buffer.writeBytes(message)
        return buffer
    }

    private func beginSending(_ state: inout State) {
        guard !state.isSending, !state.outbox.isEmpty, let channel = state.channel else { return }
        state.isSending = true
        channel.eventLoop.execute { [self] in sendNext(on: channel) }
    }

    private func sendNext(on channel: any Channel) {
        let next: ByteBuffer? = state.withLock { state in
            guard let next = takeNext(&state) else {
                state.isSending = false
                return nil
            }
            return next
        }
        guard let next else { return }
        channel.writeAndFlush(next).whenSuccess { [self] in sendNext(on: channel) }
    }

    private func takeNext(_ state: inout State) -> ByteBuffer? {
        guard let next = state.outbox.popFirst() else { return nil }
        state.outboxBytes -= next.readableBytes
        if state.wantsRoom, state.outboxBytes <= ControlLimit.waitingBytesMax {
            state.wantsRoom = false
            wake.wake()
        }
        return next
    }

    // MARK: - The connection's thread

    /// The other side has shown a certificate for these names.
    func note(names: Set<String>) { state.withLock { $0.names = names } }

    /// The connection is there.
    func begin(on channel: any Channel) {
        let isHandedOver = state.withLock { state in
            state.channel = channel
            if state.isClosed { channel.close(promise: nil) }
            beginSending(&state)
            return state.successor != nil
        }
        if isHandedOver { handOver(channel) }
    }

    /// A message has come. False if no more are to be read for now.
    func take(_ message: [UInt8]) -> Bool {
        state.withLock { state in
            if state.inbox.isEmpty { wake.wake() }
            state.inbox.append(message)
            state.inboxBytes += message.count
            return state.inboxBytes <= Self.inboxBytesMax
        }
    }

    /// The connection has ended.
    ///
    /// - Parameter flaw: What somebody has to mend.
    func end(isTooLong: Bool = false, because flaw: String? = nil) {
        state.withLock { state in
            guard !state.isClosed else { return }
            state.isClosed = true
            state.isTooLong = isTooLong
            state.flaw = flaw
            state.outbox = []
            wake.wake()
        }
    }

    private func handOver(_ channel: any Channel) {
        let successor = state.withLock { state in
            defer {
                state.successor = nil
                state.channel = nil
            }
            return state.successor
        }
        guard let successor else { return }
        try? channel.pipeline.syncOperations.handler(type: StreamHandler.self).passOn()
        successor(channel)
        while let next = state.withLock({ takeNext(&$0) }) { channel.writeAndFlush(next, promise: nil) }
    }
}
