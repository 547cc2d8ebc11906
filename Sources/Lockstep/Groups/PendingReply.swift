import Synchronization

/// Somebody waits for the outcome of a call.
protocol PendingCall: AnyObject, Sendable {
    /// Ends the wait with an error, if it has not ended.
    func fail(_ error: any Error)
}

/// A task that waits for a result. The first outcome counts; later ones are dropped.
final class PendingReply<Value: Sendable>: PendingCall {
    /// It needs no check of its own: it is resumed once here, and never dropped.
    private let continuation: UnsafeContinuation<Value, any Error>
    private let isAnswered = Atomic<Bool>(false)

    init(_ continuation: UnsafeContinuation<Value, any Error>) { self.continuation = continuation }

    func succeed(_ value: Value) {
        if isFirst { continuation.resume(returning: value) }
    }

    func fail(_ error: any Error) {
        if isFirst { continuation.resume(throwing: error) }
    }

    private var isFirst: Bool { !isAnswered.exchange(true, ordering: .acquiringAndReleasing) }
}
