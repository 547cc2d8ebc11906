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
    @usableFromInline let reply: PendingReply
    private let way: Way

    private enum Way: Sendable {
        case member(SendQueue)
        /// Of a client, whose results come encoded.
        case client(ClientResults<Value>)
    }

    @usableFromInline
    init(_ sent: SentCall) { (reply, way) = (sent.reply, .member(sent.queue)) }

    init(_ reply: PendingReply, _ results: ClientResults<Value>) { (self.reply, way) = (reply, .client(results)) }

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
    @inlinable
    public nonisolated(nonsending) var value: Value {
        get async throws {
            if reply.isAnswered, isOfMember { return try reply.outcome() }
            return try await awaited
        }
    }

    @usableFromInline var isOfMember: Bool {
        if case .member = way { true } else { false }
    }

    @usableFromInline
    nonisolated(nonsending) var awaited: Value {
        get async throws {
            switch way {
            case .member(let queue): try await queue.outcome(of: reply)
            case .client(let results): try await ClientChannel.value(of: reply, results.decode)
            }
        }
    }
}

/// A member's call that has its place, and the queue that it went through.
@usableFromInline
struct SentCall: Sendable {
    @usableFromInline let reply: PendingReply
    let queue: SendQueue
}

/// What became of a member's call that was to be sent at once.
@usableFromInline
enum SendAttempt {
    case sent(SentCall)
    /// There was no room for it.
    case unsent(UnsentCall)
}

/// A member's call that is encoded and waits for its place.
@usableFromInline
final class UnsentCall: Sendable {
    private let sent: SentCall
    private let channel: CallChannel
    private let method: UInt32
    private let call: CallArguments

    init(_ sent: SentCall, on channel: CallChannel, _ method: UInt32, _ call: CallArguments) {
        (self.sent, self.channel, self.method, self.call) = (sent, channel, method, call)
    }

    /// Sends it as soon as there is room.
    @usableFromInline
    nonisolated(nonsending) func send() async throws -> SentCall {
        try await channel.send(method, call, sent.reply, deadline: sent.reply.deadline)
        return sent
    }
}

/// How a client's results are read.
final class ClientResults<Value>: Sendable {
    let decode: @Sendable ([UInt8]) throws -> Value

    init(decode: @escaping @Sendable ([UInt8]) throws -> Value) { self.decode = decode }
}
