import Synchronization

/// A node's hold of its cluster's address.
final class ClusterAddress: Sendable {
    private enum State {
        case free
        /// Not answered at.
        case held(any ControlListener)
        case answered(RegistrarThread)
    }

    private let request: RendezvousRequest
    private let state = Mutex(State.free)

    init(_ request: RendezvousRequest) { self.request = request }

    /// Holds a copy of it that came with a proposal or from a cluster that runs, or its own port. The registrar has it
    /// already. False if none came.
    func hold(_ copies: [Descriptor]) -> Bool {
        let network = request.network
        guard let listener: any ControlListener = network?.endpoint.visitors ?? copies.first.map({ LocalListener($0) })
        else { return false }
        state.withLock { state in
            if case .answered = state { return }
            state = .held(listener)
        }
        return true
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
        guard let listener = try listen() else { return false }
        try state.withLock { state throws(RendezvousError) in state = .answered(try answer(at: listener)) }
        return true
    }

    private func listen() throws(RendezvousError) -> (any ControlListener)? {
        if let network = request.network { return network.gathers ? network.endpoint.visitors : nil }
        return try LocalListener(at: request.place)
    }

    private func answer(
        at listener: any ControlListener, with running: RunningCluster? = nil
    ) throws(RendezvousError) -> RegistrarThread {
        let thread = try RegistrarThread(listener: listener, for: request, running: running)
        request.network?.endpoint.visitors.setOpen(true)
        return thread
    }

    /// Answers for a cluster that this node is in.
    func answer(with cluster: RunningCluster) throws(RendezvousError) {
        try state.withLock { state throws(RendezvousError) in
            switch state {
            case .free: break
            case .held(let listener): state = .answered(try answer(at: listener, with: cluster))
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
        request.network?.endpoint.visitors.setOpen(false)
        if case .answered(let thread) = former { thread.stop() }
    }
}
