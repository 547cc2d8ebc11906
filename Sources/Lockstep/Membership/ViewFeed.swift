import Synchronization

/// Hands the views of a node to everybody who watches them, from the current one on.
final class ViewFeed: Sendable {
    private let state: Mutex<State>

    private struct State {
        var current: View
        var watchers: [Int: AsyncStream<View>.Continuation] = [:]
        var watchersEver = 0
        var hasEnded = false
    }

    init(_ first: View) { state = Mutex(State(current: first)) }

    var current: View { state.withLock(\.current) }

    /// A stream of its own that begins with the current view and ends when the node has left.
    func stream() -> AsyncStream<View> {
        let (stream, continuation) = AsyncStream.makeStream(of: View.self)
        let (number, hasEnded) = state.withLock { state in
            continuation.yield(state.current)
            state.watchersEver += 1
            if !state.hasEnded { state.watchers[state.watchersEver] = continuation }
            return (state.watchersEver, state.hasEnded)
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { $0.watchers[number] = nil }
        }
        if hasEnded { continuation.finish() }
        return stream
    }

    /// The next view has begun.
    func publish(_ view: View) {
        let watchers = state.withLock { state in
            state.current = view
            return state.watchers
        }
        watchers.values.forEach { $0.yield(view) }
    }

    /// Ends every stream.
    func end() {
        let watchers = state.withLock { state in
            state.hasEnded = true
            defer { state.watchers = [:] }
            return state.watchers
        }
        watchers.values.forEach { $0.finish() }
    }
}
