import Synchronization

/// What runs in this process because it holds something. All of it is cancelled when the others may have given that away.
final class Scopes: Sendable {
    /// For how long this process may be out of touch: less than the others wait with what belongs to who is silent.
    private let patience: Duration
    private let timeOutOfTouch: @Sendable () -> Duration
    private let state = Mutex(State())

    fileprivate struct State {
        var cancellations: [UInt64: @Sendable () -> Void] = [:]
        var isWatching = false
    }

    init(patience: Duration, timeOutOfTouch: @escaping @Sendable () -> Duration) {
        (self.patience, self.timeOutOfTouch) = (patience, timeOutOfTouch)
    }

    /// Runs something for as long as this process holds a ticket.
    ///
    /// - Throws: What `body` throws, or ``CoordinationError/Code/lost`` if the ticket may be somebody else's, for which
    ///   `body` was cancelled unless it had ended.
    func run<Value: Sendable>(
        _ ticket: Ticket, of key: String, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        // It begins on this thread at once, and can be cancelled without its caller.
        let task = Task.immediate { try await body() }
        begin(ticket, task.cancel)
        let outcome = await withTaskCancellationHandler {
            await task.result
        } onCancel: {
            task.cancel()
        }
        guard end(ticket) else { throw CoordinationError.lost(key) }
        return try outcome.get()
    }

    private func begin(_ ticket: Ticket, _ cancel: @escaping @Sendable () -> Void) {
        let mustWatch = state.withLock { state in
            state.cancellations[ticket.number] = cancel
            defer { state.isWatching = true }
            return !state.isWatching
        }
        if mustWatch { Task { try await watch() } }
    }

    /// True if it was not cancelled for all. Who was stopped is not, because nobody could watch.
    private func end(_ ticket: Ticket) -> Bool {
        let isKnown = state.withLock { $0.cancellations.removeValue(forKey: ticket.number) != nil }
        return isKnown && timeOutOfTouch() < patience
    }

    /// Looks whether this process is in touch, as long as something runs.
    private func watch() async throws {
        while !state.withLock({ $0.stopsWatching() }) {
            let left = patience - timeOutOfTouch()
            if left > .zero { try await Task.sleep(for: left) } else { cancelAll() }
        }
    }

    /// What this process holds may be somebody else's.
    func cancelAll() {
        let cancellations = state.withLock { state in
            defer { state.cancellations = [:] }
            return state.cancellations
        }
        for cancel in cancellations.values { cancel() }
    }
}

extension Scopes.State {
    /// True if nothing runs: who begins next watches.
    fileprivate mutating func stopsWatching() -> Bool {
        isWatching = !cancellations.isEmpty
        return !isWatching
    }
}
