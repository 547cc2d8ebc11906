import LockstepFabric
import LockstepProtocol
import Synchronization

/// What a node hears on its mesh, before it is a member and after.
final class ClusterDesk: Sendable {
    private let state = Mutex(State())

    private struct State {
        /// The memory of every node that is connected.
        var mirrors: [UInt64: any PeerMemory] = [:]
        /// Why it is of its kind.
        var reasons: [UInt64: String] = [:]
        /// The newest view that a member has told.
        var told: MembershipView?
        /// Whether members let this node follow their views.
        var answers: [UInt64: Bool] = [:]
        /// Nodes that follow this one's views, by their places.
        var followers: [Peer: UInt64] = [:]
        var member: ClusterMember?
    }

    /// Called on the mesh's thread.
    func note(_ event: MeshEvent) {
        switch event {
        case .connected(let node, let mirror, let reason):
            let member = state.withLock { state in
                state.mirrors[node.id] = mirror
                state.reasons[node.id] = reason
                return state.member
            }
            member?.noteConnected(node.id, mirror)
        case .disconnected(let node, _):
            let member = state.withLock { state in
                state.mirrors[node] = nil
                state.reasons[node] = nil
                state.answers[node] = nil
                state.followers = state.followers.filter { $0.value != node }
                return state.member
            }
            member?.calls.noteDisconnected(node)
        case .message(let node, ClusterMessage.kind, let bytes, let descriptor):
            // What no correct node sends is passed over.
            if let message = try? ClusterMessage(bytes) { take(message, from: node, descriptor) }
        case .message(let node, let kind, let bytes, _):
            state.withLock(\.member)?.calls.take(kind, bytes, from: node)
        case .failed(let node, _):
            state.withLock(\.member)?.noteUnreachable(node)
        }
    }

    private func take(_ message: ClusterMessage, from node: UInt64, _ descriptor: Descriptor?) {
        let member = state.withLock(\.member)
        switch message {
        case .whichView:
            guard let member, let view = member.view else { return }
            member.send(.view(ClusterMessage.ViewRecord(view)), to: node)
        case .view(let record):
            guard let view = record.view else { return }
            state.withLock { state in
                if state.told.map({ $0.number < view.number }) ?? true { state.told = view }
            }
            member?.noteTold(view)
        case .follow(let record):
            guard let member, let record = record.record, record.incarnation == node else { return }
            member.send(.following(admit(record, member)), to: node)
        case .following(let isAdmitted):
            state.withLock { $0.answers[node] = isAdmitted }
        case .giveState(let group, let request, let view):
            member?.exchange.give(GroupID(group), request: request, in: view, to: node)
        case .state, .chunk, .tookChunks, .noState:
            member?.exchange.take(message, from: node, descriptor)
        }
    }

    /// Lets a node follow the views, unless its place is another's.
    private func admit(_ record: MemberRecord, _ member: ClusterMember) -> Bool {
        let mirror: (any PeerMemory)? = state.withLock { state in
            let other = state.followers[record.peer] ?? record.incarnation
            let isFree = member.view?.members.allSatisfy { $0.peer != record.peer || $0 == record } ?? false
            guard isFree, other == record.incarnation else { return nil }
            state.followers[record.peer] = record.incarnation
            return state.mirrors[record.incarnation]
        }
        if let mirror { member.driver.tell(.connected(record, mirror)) }
        return mirror != nil
    }

    // MARK: - For the node

    /// From here on the member hears of what concerns it.
    func serve(_ member: ClusterMember) { state.withLock { $0.member = member } }

    /// Hears no more, and holds nothing.
    func close() {
        let former = state.withLock { state in
            defer { state = State() }
            return state
        }
        // What the member holds ends outside the lock.
        _ = consume former
    }

    func mirror(of node: UInt64) -> (any PeerMemory)? { state.withLock { $0.mirrors[node] } }

    /// What moves the bytes between this node and another, and why; nil if they are not connected.
    func link(to node: UInt64) -> (NodeStatus.Link, reason: String)? {
        state.withLock { state in state.mirrors[node].map { (NodeStatus.Link($0), state.reasons[node] ?? "") } }
    }

    /// True if no node is connected any more.
    var isAlone: Bool { state.withLock(\.mirrors.isEmpty) }

    /// The newest view that a member has told.
    var told: MembershipView? { state.withLock(\.told) }

    /// Whether a member lets this node follow; nil if it has not said.
    func answer(of node: UInt64) -> Bool? { state.withLock { $0.answers[node] } }
}
