import Synchronization

/// A node's hold of its cluster's address.
final class ClusterAddress: Sendable {
    private enum State {
        case free
        /// Not answered at.
        case held(Descriptor)
        case answered(RegistrarThread)
    }

    private let request: RendezvousRequest
    private let state = Mutex(State.free)

    init(_ request: RendezvousRequest) { self.request = request }

    /// Holds a copy of it that came with a proposal or from a cluster that runs. The registrar has it already.
    func hold(_ address: Descriptor) {
        state.withLock { state in
            if case .answered = state { return }
            state = .held(address)
        }
    }

    /// Lets go of a proposal's copy; as the registrar, this node goes on to gather.
    func release() {
        state.withLock { state in
            if case .held = state { state = .free }
        }
    }

    /// Becomes the registrar of a cluster that is to be gathered. False if somebody else is faster.
    func gather() throws(RendezvousError) -> Bool {
        giveUp()
        guard let listener = try LocalListener(at: LocalSocket.address(of: request.cluster)) else { return false }
        let thread = try RegistrarThread(address: listener.descriptor, for: request)
        state.withLock { $0 = .answered(thread) }
        return true
    }

    /// Answers for a cluster that this node is in.
    func answer(with cluster: RunningCluster) throws(RendezvousError) {
        try state.withLock { state throws(RendezvousError) in
            switch state {
            case .free: break
            case .held(let address):
                state = .answered(try RegistrarThread(address: address, for: request, running: cluster))
            case .answered(let thread): thread.answer(with: cluster)
            }
        }
    }

    /// Lets go of it.
    func giveUp() {
        let former = state.withLock { state in
            defer { state = .free }
            return state
        }
        if case .answered(let thread) = former { thread.stop() }
    }
}
