import LockstepFabric
import LockstepProtocol

/// A replica of no node: whoever has it gives it the views and the messages of its group's order, and gets what a node
/// would do with them. What runs in between is what runs on a node, clients' sessions and timers included.
package final class DetachedReplica<Actor: ReplicatedActor> {
    let node: DetachedNode
    private let queue: SendQueue
    let replica: ActorReplica<Actor>
    private var isDoer = false
    /// To see what goes wrong when the actor does not hear of the end of a session.
    package var hidesSessionEnds = false

    /// - Parameter changesKept: How many publications it keeps for slow readers.
    package init(
        of group: GroupID, on node: DetachedNode, changesKept: Int,
        _ make: @escaping @Sendable (LockstepSystem) throws -> Actor
    ) throws {
        self.node = node
        queue = node.makeQueue(group, changesKept: changesKept)
        replica = try node.makeReplica(of: group, queue, make)
    }

    /// Asks the replica, as a member asks its own.
    package func ask<Value>(_ query: (Actor.Queries) throws -> Value) rethrows -> Value {
        try node.poller.occupy {
            let system = replica.actor.actorSystem
            system.beginQuery(from: system.place)
            defer { system.end() }
            return try query(Actor.Queries(QueriedReplica(replica.actor)))
        }
    }

    /// Reads what is published from now on.
    package func makeReader() -> DetachedReader<Actor> { DetachedReader(queue.changes, queue.changes.end) }

    /// Tells a client what concerns it and was published behind a version.
    package func makeWatch(for client: SessionKey, after version: UInt64) -> DetachedWatch<Actor> {
        DetachedWatch(DetachedReader(queue.changes, .version(version), for: client))
    }
}

extension DetachedReplica: OrderedReplica {
    package func enter(_ view: MembershipView, me: MemberRecord, after installation: Installation?) {
        node.poller.occupy {
            let view = View(detached: view, me: me, after: installation)
            replica.enter(view, view.members, at: 1)
            let former = Set(installation?.previous.members.map(\.incarnation) ?? [])
            if let change = GroupView(view, view.members, former: former) { replica.note(change) }
            become(doer: view.rank == 0)
        }
    }

    private func become(doer: Bool) {
        isDoer = doer
        replica.become(doer: doer)
    }

    package func run(_ message: OrderedMulticast.Message, isAwaited: Bool) -> DetachedReply? {
        let pending = isAwaited ? PendingReply() : nil
        node.poller.occupy {
            if hidesSessionEnds, endSession(message, pending) { return }
            replica.run(message, pending.map { .reply($0) })
        }
        return pending.map { DetachedReply($0) }
    }

    package func proposeDue(at now: Int64) -> [[UInt8]] {
        guard isDoer else { return [] }
        var messages: [[UInt8]] = []
        node.poller.occupy {
            replica.actor.actorSystem.withEffects { effects in
                _ = EffectDriver.proposeDue(&effects, at: Timestamp(nanoseconds: now)) { message in
                    if let message = try? message() { messages.append(message.bytes) }
                    return true
                }
            }
        }
        return messages
    }

    package func captureState() throws -> DetachedState {
        DetachedState(try node.poller.occupy { try replica.takeSnapshot() })
    }

    package func restore(from state: DetachedState) throws {
        try node.poller.occupy {
            try replica.restore(from: state.snapshot)
            become(doer: isDoer)
        }
    }

    package var stateHash: UInt64 {
        node.poller.occupy { replica.actor.inIsolation { ActorReplica<Actor>.hash(of: $0) } }
    }

    package var version: UInt64 { replica.actor.actorSystem.version }
}

extension View {
    /// A view of members that have not introduced themselves.
    fileprivate init(detached view: MembershipView, me: MemberRecord, after installation: Installation?) {
        func members(_ records: [MemberRecord], of view: MembershipView) -> [Member] {
            records.map { record in
                Member(
                    name: "\(record.peer.index)#\(record.incarnation)", rank: view.rank(of: record) ?? 0,
                    incarnation: record.incarnation, processID: 0, regionSize: 0, peer: record.peer)
            }
        }
        let change = installation.map { installation in
            Change(
                time: Timestamp(nanoseconds: Int64(clamping: installation.decision.time)),
                joined: members(installation.joined, of: installation.view),
                left: members(installation.left, of: installation.previous),
                failed: members(installation.failed, of: installation.previous),
                silent: members(installation.silent, of: installation.previous))
        }
        self.init(
            number: view.number, members: members(view.members, of: view), rank: view.rank(of: me) ?? 0, change: change)
    }
}
