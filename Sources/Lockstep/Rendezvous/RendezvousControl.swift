import Synchronization

/// Where a node stands in the first view.
struct RendezvousView: Sendable {
    let rank: Int
    let members: [RendezvousMember]
    let registrar: Int
}

/// What the rest of the process and the client's thread tell each other.
final class RendezvousControl: Sendable {
    typealias Watcher = @Sendable (Int, GoneReason) -> Void

    private enum Phase {
        case joining
        /// The joining task is cancelled: its thread gives up.
        case cancelled
        case formed
        case leaving
    }

    private struct State {
        var phase = Phase.joining
        var watcher: Watcher?
        var thread: BlockingThread?
    }

    private let state = Mutex(State())
    let wake: RendezvousWake

    init() throws(RendezvousError) {
        wake = try RendezvousWake()
    }

    func start(
        _ request: RendezvousRequest, _ calls: RendezvousCalls,
        resuming joined: CheckedContinuation<RendezvousView, any Error>
    ) {
        do {
            let thread = try BlockingThread.make(name: "rendezvous") { [self] in
                RendezvousClient(request, calls, self).run(resuming: joined)
            }
            state.withLock { $0.thread = thread }
        } catch {
            wake.close()
            joined.resume(throwing: error)
        }
    }
}

// MARK: - For the rest of the process

extension RendezvousControl {
    /// Without effect once the view is installed.
    func cancel() {
        state.withLock { if $0.phase == .joining { $0.phase = .cancelled } }
        wake.wake()
    }

    func watch(_ watcher: @escaping Watcher) {
        state.withLock { if $0.phase == .formed { $0.watcher = watcher } }
        wake.wake()
    }

    func leave() {
        let watcher = state.withLock { state in
            defer { state.watcher = nil }
            state.phase = .leaving
            return state.watcher
        }
        // What the watcher holds may end with it, and may call this again: not under the lock.
        _ = consume watcher
        wake.wake()
        finish()
    }

    /// Waits for the end of the thread, which has been told to end.
    func finish() {
        let thread = state.withLock { state in
            defer { state.thread = nil }
            return state.thread
        }
        thread?.finish()
    }
}

// MARK: - For the client's thread

extension RendezvousControl {
    var isCancelled: Bool {
        state.withLock { $0.phase == .cancelled }
    }

    var isLeaving: Bool {
        state.withLock { $0.phase == .leaving }
    }

    var watcher: Watcher? {
        state.withLock { $0.watcher }
    }

    /// Decides between the installed view and a cancellation that came at the same time.
    func formed() throws(CancellationError) {
        let isFormed = state.withLock { state in
            guard state.phase == .joining else { return false }
            state.phase = .formed
            return true
        }
        guard isFormed else { throw CancellationError() }
    }
}
