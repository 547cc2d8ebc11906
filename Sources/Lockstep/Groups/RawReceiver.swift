import LockstepProtocol

/// Receives the messages of a raw group on this node.
///
/// ```swift
/// struct Ticker: RawReceiver {
///     var last: UInt64 = 0
///
///     mutating func receive(_ message: RawMessage, _ bytes: RawSpan) {
///         last = bytes.unsafeLoadUnaligned(as: UInt64.self)
///     }
/// }
/// ```
///
/// It runs on the poller, which does nothing else meanwhile.
public protocol RawReceiver: SendableMetatype {
    /// Takes the next message. The bytes lie in the sender's memory and are gone afterwards.
    mutating func receive(_ message: RawMessage, _ bytes: RawSpan)

    /// Takes the next messages, as many as there are at once. Unless a receiver has a better way, each goes to
    /// ``receive(_:_:)``.
    mutating func receive(_ batch: borrowing RawBatch)
}

extension RawReceiver {
    /// Takes the messages one by one.
    @inlinable
    public mutating func receive(_ batch: borrowing RawBatch) {
        batch.forEach { receive($0, $1) }
    }
}

/// Where a raw message comes from, and where it stands.
public struct RawMessage: Sendable, Hashable {
    /// The rank of the sender.
    public let sender: Int
    /// Its place in the total order, the same at every member. Places in between may be empty.
    public let position: UInt64

    @inlinable
    init(sender: Int, position: UInt64) {
        self.sender = sender
        self.position = position
    }
}

/// In which order a raw group delivers.
public enum RawOrder: Sendable, Hashable {
    /// In one total order, as soon as every member holds a message.
    case total
    /// As soon as a message is here, in the order of each sender. If a view ends while messages are on their way, only
    /// those members may deliver them whom they had reached: ``RawGroup/send(byteCount:_:)`` throws
    /// ``LockstepError/Code/outcomeUnknown`` then, and nobody tells who posted.
    case senders
}
