import LockstepFabric
import Synchronization

/// Gets the state of groups for replicas that come later, and gives it to others: in chunks, so that one node encodes
/// what the other decodes at the same time, and neither needs memory for all of it twice.
///
/// `docs/state-transfer.md` has the messages.
final class StateExchange: Sendable {
    private let pollers: Pollers
    private let mesh: Mesh
    /// Whether a node can be handed memory.
    private let sharesMemory: @Sendable (_ node: UInt64) -> Bool
    private let state = Mutex(State())
    /// After a refusal the next one is asked; that one may be a moment away from having it.
    private let pause = Duration.milliseconds(5)

    private struct State {
        var searches = StateSearches()
        /// What comes, by the number of the question.
        var incoming: [UInt64: (source: UInt64, state: IncomingState)] = [:]
        /// What goes to others.
        var outgoing: [Receiver: OutgoingState] = [:]
        var hasEnded = false
    }

    private struct Receiver: Hashable {
        let node: UInt64
        let request: UInt64
    }

    init(pollers: Pollers, mesh: Mesh, sharesMemory: @escaping @Sendable (_ node: UInt64) -> Bool) {
        self.pollers = pollers
        self.mesh = mesh
        self.sharesMemory = sharesMemory
    }

    // MARK: - Views

    /// These are the members: nobody else gives or takes anything more.
    func keep(only members: Set<UInt64>) {
        let (incoming, outgoing) = state.withLock { state in
            (
                state.incoming.values.filter { !members.contains($0.source) }.map(\.state),
                state.outgoing.filter { !members.contains($0.key.node) }.map(\.value)
            )
        }
        for incoming in incoming { incoming.end(because: .isGone) }
        for outgoing in outgoing { outgoing.end(because: .isGone) }
    }

    /// This node is out of the cluster.
    func close() {
        let former = state.withLock { state in
            defer { (state.incoming, state.outgoing, state.hasEnded) = ([:], [:], true) }
            return state
        }
        for (_, incoming) in former.incoming.values { incoming.end(because: .hasEnded) }
        for outgoing in former.outgoing.values { outgoing.end(because: .hasEnded) }
    }

    // MARK: - Asking

    /// Asks one after the other, until one gives it or the view is over.
    func ask(_ sources: [View.Member], for group: GroupID, shard: Int, in view: UInt64) {
        guard !sources.isEmpty else { return }
        state.withLock { $0.searches.begin(sources.map(\.incarnation), for: group, shard: shard, in: view) }
        askNext(shard)
    }

    private func askNext(_ shard: Int) {
        switch state.withLock({ $0.searches.next(shard) }) {
        case .ask(let question):
            send(
                .giveState(group: question.group.name, request: question.request, view: question.view),
                to: question.source
            )
        case .isHopeless(let view, let reasons):
            pollers.poller(ofShard: shard).run {
                $0.giveUpState(shard, in: view, because: reasons.joined(separator: " "))
            }
        case .isOver:
            break
        }
    }

    /// How the last search for a shard goes: the source, when it began, and what has come.
    func progress(of shard: Int) -> StateProgress? {
        state.withLock { state -> StateProgress? in
            guard let search = state.searches.progress(of: shard) else { return nil }
            let (bytes, fraction) = state.incoming[search.request]?.state.progress ?? (0, 0)
            return StateProgress(source: search.source, began: search.began, bytes: bytes, fraction: fraction)
        }
    }

    // MARK: - Taking

    /// What another node has answered.
    func take(_ message: ClusterMessage, from node: UInt64, _ descriptor: Descriptor?) {
        switch message {
        case .state(let request, let position, let updates, let executed, let slots):
            guard let (shard, view, incoming) = accept(request, slots, descriptor) else {
                return send(.tookChunks(request: request, count: .max), to: node)
            }
            let snapshot = ReplicaSnapshot(updates: updates, executed: executed, state: .incoming(incoming))
            pollers.poller(ofShard: shard).run { $0.putState(shard, position: position, in: view, snapshot) }
        case .chunk(let request, let chunk):
            guard let incoming = state.withLock({ $0.incoming[request]?.state }) else {
                return send(.tookChunks(request: request, count: .max), to: node)
            }
            incoming.put(chunk)
        case .noState(let request, let reason):
            refuse(request, because: reason)
        case .tookChunks(let request, let count):
            let outgoing = state.withLock { $0.outgoing[Receiver(node: node, request: request)] }
            if count == .max { outgoing?.end(because: .isNotWanted) } else { outgoing?.note(taken: count) }
        default:
            break
        }
    }

    private func accept(
        _ request: UInt64, _ slots: StateChunk.Slots?, _ descriptor: Descriptor?
    ) -> (shard: Int, view: UInt64, incoming: IncomingState)? {
        var block: SharedMemoryBlock?
        if let slots {
            block = descriptor.flatMap {
                slots.isSound ? try? SharedMemoryBlock(mapping: $0.number, size: slots.bytes) : nil
            }
            guard block != nil else {
                // It is asked for again: there may be memory for it then.
                refuse(request, because: nil)
                return nil
            }
        }
        return state.withLock { state in
            guard !state.hasEnded, let (shard, view, source) = state.searches.accept(request) else { return nil }
            let incoming = IncomingState(in: block, slots) { [weak self] progress in
                self?.note(progress, of: request, from: source)
            }
            state.incoming[request] = (source, incoming)
            return (shard, view, incoming)
        }
    }

    private func note(_ progress: IncomingState.Progress, of request: UInt64, from source: UInt64) {
        switch progress {
        case .taken(let count):
            send(.tookChunks(request: request, count: count), to: source)
        case .isOver(let isWhole):
            state.withLock { _ = $0.incoming.removeValue(forKey: request) }
            if !isWhole { send(.tookChunks(request: request, count: .max), to: source) }
        }
    }

    private func refuse(_ request: UInt64, because reason: String?) {
        let (shard, incoming) = state.withLock { state in
            (state.searches.refuse(request, because: reason), state.incoming[request]?.state)
        }
        // If it had begun to come, the replica asks again when it has noticed that.
        incoming?.end(because: .cannotBeGiven(reason ?? "The member that gave the state has it no more."))
        guard let shard else { return }
        Task {
            try? await Task.sleep(for: pause)
            askNext(shard)
        }
    }

    // MARK: - Giving

    /// Gives a member the state of a group as it is now.
    func give(_ group: GroupID, request: UInt64, in view: UInt64, to node: UInt64) {
        pollers.poller(of: group).run { [self] loop in
            loop.giveState(of: group, in: view) { [self] given in
                guard let (position, snapshot) = given, case .captured(let state) = snapshot.state else {
                    return send(.noState(request: request, reason: nil), to: node)
                }
                // It is encoded elsewhere, so that the replica goes on meanwhile.
                BlockingThread.run(named: "lockstep-state") { [self] in
                    do {
                        try give(state, of: snapshot, at: position, to: Receiver(node: node, request: request))
                    } catch is StateInterruption {
                        // Who asked does not want it any more.
                    } catch {
                        send(.noState(request: request, reason: "\(error)"), to: node)
                    }
                }
            }
        }
    }

    private func give(
        _ captured: CapturedState, of snapshot: ReplicaSnapshot, at position: UInt64, to receiver: Receiver
    ) throws {
        guard
            let outgoing = try? OutgoingState(
                bytes: captured.weight, handsOverMemory: sharesMemory(receiver.node),
                send: { [self] in send(.chunk(request: receiver.request, $0), to: receiver.node) }
            )
        else {
            // There is no memory for it now.
            return send(.noState(request: receiver.request, reason: nil), to: receiver.node)
        }
        let isWanted = state.withLock { state in
            if !state.hasEnded { state.outgoing[receiver] = outgoing }
            return !state.hasEnded
        }
        guard isWanted else { return }
        defer { state.withLock { _ = $0.outgoing.removeValue(forKey: receiver) } }
        let descriptor = try outgoing.block?.descriptor.map { try Descriptor(copying: $0) }
        send(
            .state(
                request: receiver.request, position: position, updates: snapshot.updates, executed: snapshot.executed,
                slots: outgoing.block == nil ? nil : outgoing.slots
            ),
            with: descriptor, to: receiver.node
        )
        try captured.write(to: outgoing)
    }

    private func send(_ message: ClusterMessage, with descriptor: Descriptor? = nil, to node: UInt64) {
        guard let bytes = try? message.bytes else { return }
        mesh.send(ClusterMessage.kind, bytes, with: descriptor, to: node)
    }
}

/// How a replica comes to its state.
struct StateProgress {
    /// The incarnation of the member that was asked last.
    let source: UInt64
    /// When the search began, on the monotonic clock.
    let began: Int64
    /// What has come, encoded.
    let bytes: Int
    /// How much of the whole that is.
    let fraction: Double
}
