import LockstepProtocol

/// Room for the messages that are delivered at once.
final class MessageBuffer {
    static let capacity = 128

    private let messages = UnsafeMutableBufferPointer<OrderedMulticast.Message>.allocate(capacity: capacity)

    deinit { messages.deallocate() }

    func take(
        from core: inout OrderedMulticast
    ) throws(ProtocolError) -> UnsafeBufferPointer<OrderedMulticast.Message> {
        UnsafeBufferPointer(rebasing: messages[..<(try core.take(into: messages))])
    }
}
