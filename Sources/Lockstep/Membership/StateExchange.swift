import LockstepFabric
import Synchronization

/// Gets the state of groups for replicas that come later, and gives it to others: as a block of shared memory, so that
/// its size matters little.
final class StateExchange: Sendable {
    private let poller: Poller
    private let mesh: Mesh
    private let searches = Mutex(StateSearches())
    /// After a refusal the next one is asked; that one may be a moment away from having it.
    private let pause = Duration.milliseconds(5)

    init(poller: Poller, mesh: Mesh) {
        self.poller = poller
        self.mesh = mesh
    }

    // MARK: - Asking

    /// Asks one after the other, until one gives it or the view is over.
    func ask(_ sources: [View.Member], for group: GroupID, shard: Int, in view: UInt64) {
        guard !sources.isEmpty else { return }
        searches.withLock { $0.begin(sources.map(\.incarnation), for: group, shard: shard, in: view) }
        askNext(shard, in: view)
    }

    private func askNext(_ shard: Int, in view: UInt64) {
        guard let (source, group) = searches.withLock({ $0.next(shard, in: view) }) else { return }
        send(.giveState(group: group.name, shard: shard, view: view), to: source)
    }

    /// How the last search for a shard went.
    func progress(of shard: Int) -> (source: UInt64, began: Int64, size: Int?)? {
        searches.withLock { $0.progress(of: shard) }
    }

    /// Another member has given it, or cannot.
    func take(_ message: ClusterMessage, _ descriptor: Descriptor?) {
        switch message {
        case .state(let shard, let view, let position, let updates, let executed, let size):
            guard let block = descriptor.flatMap({ try? SharedMemoryBlock(mapping: $0.number, size: size) }) else {
                return tryAgain(shard, in: view)
            }
            guard searches.withLock({ $0.end(shard, in: view, size: size) }) else { return }
            let snapshot = ReplicaSnapshot(updates: updates, executed: executed, state: block)
            poller.run { $0.putState(shard, position: position, in: view, snapshot) }
        case .noState(let shard, let view):
            tryAgain(shard, in: view)
        default:
            break
        }
    }

    private func tryAgain(_ shard: Int, in view: UInt64) {
        Task {
            try? await Task.sleep(for: pause)
            askNext(shard, in: view)
        }
    }

    // MARK: - Giving

    /// Gives a member the state of a group as it is now.
    func give(_ group: GroupID, shard: Int, in view: UInt64, to node: UInt64) {
        poller.run { [self] loop in
            loop.giveState(of: group, in: view) { [self] given in
                guard let (position, snapshot) = given else { return refuse(shard, in: view, to: node) }
                // It is encoded elsewhere, so that the replica goes on meanwhile.
                BlockingThread.run(named: "lockstep-state") { [self] in
                    give(snapshot, at: position, shard: shard, in: view, to: node)
                }
            }
        }
    }

    private func give(_ snapshot: ReplicaSnapshot, at position: UInt64, shard: Int, in view: UInt64, to node: UInt64) {
        guard let block = try? snapshot.withState({ try SharedMemoryBlock(name: "lockstep-state", copying: $0) }),
            let number = block.descriptor, let descriptor = try? Descriptor(copying: number)
        else { return refuse(shard, in: view, to: node) }
        let message = ClusterMessage.state(
            shard: shard, view: view, position: position, updates: snapshot.updates, executed: snapshot.executed,
            size: block.size
        )
        send(message, with: descriptor, to: node)
    }

    private func refuse(_ shard: Int, in view: UInt64, to node: UInt64) {
        send(.noState(shard: shard, view: view), to: node)
    }

    private func send(_ message: ClusterMessage, with descriptor: Descriptor? = nil, to node: UInt64) {
        guard let bytes = try? message.bytes else { return }
        mesh.send(ClusterMessage.kind, bytes, with: descriptor, to: node)
    }
}
