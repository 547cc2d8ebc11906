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
    private let queue: SendQueue

    init(_ reply: PendingReply, _ queue: SendQueue) {
        self.reply = reply
        self.queue = queue
    }

    /// What the call is known by, at every member.
    public var id: CallID? { reply.id }

    /// True if ``value`` is there.
    public var isDone: Bool { reply.isAnswered }
}

extension Call where Value: Sendable {
    /// The result of this node's replica.
    ///
    /// Cancelling a task that waits here ends the call for all who wait for it, with
    /// ``LockstepError/Code/outcomeUnknown``; it may be executed all the same.
    ///
    /// - Throws: What the method throws, or a ``LockstepError``.
    public nonisolated(nonsending) var value: Value {
        get async throws {
            try await queue.outcome(of: reply)
        }
    }
}
