import Synchronization

/// A call whose outcome one task waits for, or is about to. The first outcome counts; later ones are dropped.
///
/// The outcome may come before the task waits: then the task goes on without having been suspended.
///
/// `@unchecked Sendable`: what is not atomic is written by whoever has taken the right to answer or by the task that
/// waits, and read by the other one behind `phase`. None of it is generic, because the language finds out how to
/// destroy generic parts while the program runs, which takes longer than all the rest.
class PendingCall: @unchecked Sendable {
    private enum Phase: UInt8, AtomicRepresentable {
        case open, awaited, answered
    }

    private let phase = Atomic<Phase>(.open)
    private let isTaken = Atomic<Bool>(false)
    private var error: (any Error)?
    /// It needs no check of its own: it is resumed once, and never dropped.
    private var continuation: UnsafeContinuation<Void, Never>?

    /// True if the task need not wait.
    final var isAnswered: Bool { phase.load(ordering: .acquiring) == .answered }

    /// Ends the wait with an error, if it has not ended.
    final func fail(_ error: any Error) {
        answer { self.error = error }
    }

    /// Ends the wait, if it has not ended, with what `write` leaves.
    @inline(__always)
    final func answer(_ write: () -> Void) {
        guard !isTaken.exchange(true, ordering: .relaxed) else { return }
        write()
        if phase.exchange(.answered, ordering: .acquiringAndReleasing) == .awaited { continuation?.resume() }
    }

    /// Waits for the outcome; throws if it is an error. Only one task may, once.
    nonisolated(nonsending) final func wait() async throws {
        if !isAnswered {
            await withUnsafeContinuation { continuation in
                self.continuation = continuation
                let (isFirst, _) = phase.compareExchange(
                    expected: .open, desired: .awaited, ordering: .acquiringAndReleasing
                )
                if !isFirst { continuation.resume() }
            }
        }
        if let error { throw error }
    }
}

/// A call with a result.
final class PendingReply<Value: Sendable>: PendingCall, @unchecked Sendable {
    private var result: Value?

    func succeed(_ value: Value) {
        answer { result = value }
    }

    /// Waits for the result.
    nonisolated(nonsending) var value: Value {
        get async throws {
            try await wait()
            guard let result else { preconditionFailure("a call must end with a result or an error") }
            return result
        }
    }
}

/// A raw message of which somebody wants to know the position.
final class PendingPosition: PendingCall, @unchecked Sendable {
    private var position: UInt64 = 0

    func succeed(_ position: UInt64) {
        answer { self.position = position }
    }

    /// Waits for the position.
    nonisolated(nonsending) var value: UInt64 {
        get async throws {
            try await wait()
            return position
        }
    }
}
