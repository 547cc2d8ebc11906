import Synchronization

/// Somebody waits for the outcome of a call.
protocol PendingCall: AnyObject, Sendable {
    /// Ends the wait with an error, if it has not ended.
    func fail(_ error: any Error)
}

/// A task that waits for a result. The first outcome counts; later ones are dropped.
final class PendingReply<Value: Sendable>: PendingCall {
    private let continuation: Mutex<UnsafeContinuation<Value, any Error>?>

    /// The continuation needs no check of its own: it is resumed once here, and never dropped.
    init(_ continuation: UnsafeContinuation<Value, any Error>) {
        self.continuation = Mutex(continuation)
    }

    func succeed(_ value: Value) { take()?.resume(returning: value) }

    func fail(_ error: any Error) { take()?.resume(throwing: error) }

    private func take() -> UnsafeContinuation<Value, any Error>? {
        continuation.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
    }
}
