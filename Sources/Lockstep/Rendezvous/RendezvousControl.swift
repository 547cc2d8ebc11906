import Synchronization

/// What the rest of the process, the mesh's thread and the client's thread tell each other.
final class RendezvousControl: Sendable {
    private enum Phase {
        case joining
        /// The joining task is cancelled: its thread gives up.
        case cancelled
        case joined
    }

    private struct State {
        var phase = Phase.joining
        var thread: BlockingThread?
        var connected: Set<UInt64> = []
        var failures: [UInt64: MeshFailure] = [:]
    }

    private let state = Mutex(State())
    let wake: PollWake

    init() throws(RendezvousError) {
        wake = try PollWake()
    }

    func start(
        resuming joined: CheckedContinuation<Rendezvous.Outcome, any Error>,
        making client: @escaping @Sendable () -> RendezvousClient
    ) {
        do {
            let thread = try BlockingThread.make(name: "rendezvous") { client().run(resuming: joined) }
            state.withLock { $0.thread = thread }
        } catch {
            wake.close()
            joined.resume(throwing: error)
        }
    }

    /// Without effect once the node has joined.
    func cancel() {
        state.withLock { if $0.phase == .joining { $0.phase = .cancelled } }
        wake.wake()
    }

    /// Waits for the end of the thread, which has said how it ends.
    func finish() {
        let thread = state.withLock { state in
            defer { state.thread = nil }
            return state.thread
        }
        thread?.finish()
    }
}

// MARK: - For the mesh's thread

extension RendezvousControl {
    func note(_ event: MeshEvent) {
        state.withLock { state in
            switch event {
            case .connected(let node, _, _): state.connected.insert(node.id)
            case .disconnected(let node, _):
                state.connected.remove(node)
                // Whoever waits for an answer of each node has to know that none will come.
                state.failures[node] = .unreachable
            case .failed(let node, let failure): state.failures[node.id] = failure
            case .message: break
            }
        }
        wake.wake()
    }
}

// MARK: - For the client's thread

extension RendezvousControl {
    var isCancelled: Bool {
        state.withLock { $0.phase == .cancelled }
    }

    var connected: Set<UInt64> {
        state.withLock { $0.connected }
    }

    /// What has failed since ``forgetFailures()``.
    var failures: [UInt64: MeshFailure] {
        state.withLock { $0.failures }
    }

    /// True if a node was not reached, once.
    func takeUnreachable(_ node: UInt64) -> Bool {
        state.withLock { state in
            guard case .unreachable? = state.failures[node] else { return false }
            state.failures[node] = nil
            return true
        }
    }

    func forgetFailures() {
        state.withLock { $0.failures = [:] }
    }

    /// Decides between having joined and a cancellation that came at the same time.
    func join() throws(CancellationError) {
        let hasJoined = state.withLock { state in
            guard state.phase == .joining else { return false }
            state.phase = .joined
            return true
        }
        guard hasJoined else { throw CancellationError() }
    }
}
