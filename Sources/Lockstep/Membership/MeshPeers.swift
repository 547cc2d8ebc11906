import LockstepFabric
import Synchronization

/// What the mesh has told about the other nodes, from its thread to those who need it.
final class MeshPeers: Sendable {
    typealias Watcher = @Sendable (UInt64, GoneReason) -> Void

    private struct State {
        var mirrors: [UInt64: SharedMemoryMirror] = [:]
        /// Who went, until somebody watches.
        var untold: [(UInt64, GoneReason)] = []
        var watcher: Watcher?
    }

    private let state = Mutex(State())

    /// Called on the mesh's thread.
    func note(_ event: MeshEvent) {
        let watcher: Watcher? = state.withLock { state in
            switch event {
            case .connected(let node, let mirror):
                state.mirrors[node.id] = mirror
            case .disconnected(let node, let reason):
                if state.watcher == nil { state.untold.append((node, reason)) }
                return state.watcher
            case .message, .failed:
                break
            }
            return nil
        }
        if case .disconnected(let node, let reason) = event { watcher?(node, reason) }
    }

    /// The memory of the other members.
    func mirrors(of members: [MeshNode], rank: Int) throws -> [Peer: SharedMemoryMirror] {
        let mirrors = state.withLock { $0.mirrors }
        var found: [Peer: SharedMemoryMirror] = [:]
        for (other, member) in members.enumerated() where other != rank {
            guard let mirror = mirrors[member.id] else {
                throw LockstepError(
                    .joinTimedOut,
                    "The member \"\(member.name)\" died while the view was formed. Start the nodes again."
                )
            }
            found[Peer(other)] = mirror
        }
        return found
    }

    /// Tells who is gone, and who went before.
    func watch(_ watcher: @escaping Watcher) {
        let untold = state.withLock { state in
            defer { state.untold = [] }
            state.watcher = watcher
            return state.untold
        }
        for (node, reason) in untold { watcher(node, reason) }
    }

    /// Tells nobody any more, and holds nothing.
    func forget() {
        let former = state.withLock { state in
            defer { state = State() }
            return state
        }
        // What the watcher holds ends outside the lock: it may end this too.
        _ = consume former
    }
}
