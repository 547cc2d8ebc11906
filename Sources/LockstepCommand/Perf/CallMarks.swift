import Synchronization

/// Counts the last calls of callers as this process's replica runs them, and tells when all have come.
///
/// It is no part of the actor's state, where the time would differ between replicas.
final class CallMarks: Sendable {
    static let shared = CallMarks()

    private struct State {
        var missing = 0
        var end = Moment.now
    }

    private let state = Mutex(State())
    private let ended: AsyncStream<Void>.Continuation
    let ends: AsyncStream<Void>

    private init() { (ends, ended) = AsyncStream.makeStream(of: Void.self) }

    /// Expects so many.
    func begin(_ marks: Int) { state.withLock { $0.missing = marks } }

    /// When the last one came.
    var end: Moment { state.withLock { $0.end } }

    /// Notes one.
    func count() {
        let isLast = state.withLock { state in
            state.missing -= 1
            guard state.missing == 0 else { return false }
            state.end = .now
            return true
        }
        if isLast { ended.yield() }
    }
}
