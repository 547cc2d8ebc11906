/// A call that has its place among this node's calls, and whose result is still to come.
///
/// ```swift
/// var calls: [Call<Int>] = []
/// for bolt in bolts { calls.append(try await inventory.pipeline.receive(1, of: bolt)) }
/// for call in calls { total += try await call.value }
/// ```
///
/// Who does not ask for the result need not keep it.
public struct Call<Value>: Sendable {
    private let reply: PendingReply
    private let way: Way

    private enum Way: Sendable {
        case member(SendQueue)
        /// Of a client, whose results come encoded.
        case client(@Sendable ([UInt8]) throws -> Value)
    }

    init(_ reply: PendingReply, _ queue: SendQueue) { (self.reply, way) = (reply, .member(queue)) }

    init(_ reply: PendingReply, decode: @escaping @Sendable ([UInt8]) throws -> Value) {
        (self.reply, way) = (reply, .client(decode))
    }

    /// What the call is known by, at every member; nil in a client.
    public var id: CallID? { reply.id }

    /// True if ``value`` is there.
    public var isDone: Bool { reply.isAnswered }
}

extension Call where Value: Sendable {
    /// The result of this node's replica, or of a client's member.
    ///
    /// Cancelling a task that waits here ends the call for all who wait for it, with
    /// ``LockstepError/Code/outcomeUnknown``; it may be executed all the same.
    ///
    /// - Throws: What the method throws, or a ``LockstepError``.
    public nonisolated(nonsending) var value: Value {
        get async throws {
            switch way {
            case .member(let queue): try await queue.outcome(of: reply)
            case .client(let decode): try await ClientChannel.value(of: reply, decode)
            }
        }
    }
}
