import LockstepProtocol

/// Messages of a raw group that are delivered at once, in their order. It lasts as long as the call that hands it over.
public struct RawBatch: ~Copyable {
    @usableFromInline let messages: UnsafeBufferPointer<OrderedMulticast.Message>

    init(_ messages: UnsafeBufferPointer<OrderedMulticast.Message>) { self.messages = messages }

    /// How many there are: at least one.
    @inlinable public var count: Int { messages.count }

    /// Hands over each message, and its bytes in the sender's memory.
    @inlinable
    public func forEach(_ body: (RawMessage, RawSpan) -> Void) {
        for message in messages {
            body(RawMessage(sender: message.sender, position: message.position), message.payload.bytes)
        }
    }
}
