import Synchronization

/// What one task waits for: its turn, which may come before it waits.
final class Turn: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<UInt64, any Error>)
        case over(Result<UInt64, any Error>)
    }

    /// What it is a turn at.
    let key: String
    private let state = Mutex(State.open)

    init(_ key: String) { self.key = key }

    /// The first outcome counts.
    func end(_ outcome: Result<UInt64, any Error>) {
        let waiter = state.withLock { state -> CheckedContinuation<UInt64, any Error>? in
            switch state {
            case .over:
                return nil
            case .open:
                state = .over(outcome)
                return nil
            case .awaited(let waiter):
                state = .over(outcome)
                return waiter
            }
        }
        waiter?.resume(with: outcome)
    }

    /// Waits for the outcome, for one task; a cancelled one waits no longer.
    func token() async throws -> UInt64 {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { wait($0) }
        } onCancel: {
            end(.failure(CancellationError()))
        }
    }

    private func wait(_ waiter: CheckedContinuation<UInt64, any Error>) {
        let outcome = state.withLock { state -> Result<UInt64, any Error>? in
            if case .over(let outcome) = state { return outcome }
            state = .awaited(waiter)
            return nil
        }
        if let outcome { waiter.resume(with: outcome) }
    }
}
