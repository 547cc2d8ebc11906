import Lockstep

/// Messages that every subscriber on every member gets, in one order.
///
/// ```swift
/// let alerts = coordination.topic("alerts", of: String.self)
/// let messages = alerts.messages
/// try await alerts.publish("fire")
/// ```
public struct Topic<Message: Codable & Sendable>: Sendable {
    private let store: Store.Handle
    private let name: String

    init(_ store: Store.Handle, _ name: String) { (self.store, self.name) = (store, name) }

    /// Sends a message to everybody who subscribes now. When this returns, all members have it.
    public func publish(_ message: Message) async throws { try await store.say(try encoded(message), on: name) }

    /// The messages from now on: from when this is asked, not from when it is read.
    public var messages: Messages { Messages(name: name, changes: store.group.changes) }

    /// The messages of a topic, one after the other.
    public struct Messages: AsyncSequence, Sendable {
        let name: String
        let changes: Changes<Store>

        /// Reads from where the sequence begins.
        public func makeAsyncIterator() -> Iterator {
            Iterator(name: name, changes: changes.makeAsyncIterator())
        }

        /// Reads the messages.
        public struct Iterator: AsyncIteratorProtocol {
            fileprivate let name: String
            fileprivate var changes: Changes<Store>.Iterator

            /// Waits for the next message. It is never nil.
            ///
            /// - Throws: ``CoordinationError/Code/lost`` if this reader was so slow that messages are missing, after which
            ///   it can go on; `LockstepError` when this node is out of the cluster; or `CancellationError`.
            public mutating func next() async throws -> Message? {
                while true {
                    switch try await changes.next() {
                    case .change(.said(name, let bytes), _)?:
                        return try decoded(bytes) as Message
                    case .lagged(let version)?:
                        throw CoordinationError(
                            .lost,
                            "A reader of \"\(name)\" was too slow: messages up to version \(version) are missing."
                        )
                    default:
                        continue
                    }
                }
            }
        }
    }
}

extension Coordination {
    /// The topic of a name, whose messages are of one type on all members.
    public func topic<Message>(_ name: String, of type: Message.Type) -> Topic<Message> { Topic(store, name) }
}
