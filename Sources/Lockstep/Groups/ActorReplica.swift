import Distributed
import LockstepProtocol

/// This node's copy of a replicated actor.
final class ActorReplica<Actor: ReplicatedActor>: Replica {
    private let actor: Actor
    private(set) var updates: UInt64 = 0

    init(_ actor: Actor) { self.actor = actor }

    func deliver(from core: inout OrderedMulticast, own: inout OwnMessages) throws(ProtocolError) -> Bool {
        guard let first = try core.next() else { return false }
        // One check of isolation for the whole batch: it costs more than a message does.
        let outcome: Result<UInt64, ProtocolError> = actor.assumeIsolated { actor in
            Result { () throws(ProtocolError) in
                var updates: UInt64 = 0
                var message = first
                while true {
                    updates += Self.run(message, own.take(message), on: actor)
                    guard let next = try core.next() else { return updates }
                    message = next
                }
            }
        }
        updates += try outcome.get()
        return true
    }

    func stateHash() -> UInt64 {
        actor.assumeIsolated { actor in
            var hasher = StateHasher()
            actor.hashState(into: &hasher)
            return hasher.finalize()
        }
    }

    /// Runs an update on every replica, or the queries of this node at their place; returns the updates run.
    private static func run(
        _ message: OrderedMulticast.Message, _ own: InFlight?, on actor: isolated Actor
    ) -> UInt64 {
        var pending: PendingReply?
        switch own {
        case .queries(let queries):
            for query in queries { answer(query, on: actor) }
            return 0
        case .reply(let reply, _):
            pending = reply
        case .abandoned, nil:
            break
        }
        guard !message.payload.isEmpty else { return 0 }
        guard let header = CallHeader(message.payload) else {
            pending?.fail(Self.unreadable)
            return 0
        }
        actor.actorSystem.begin(header, position: message.position, from: message.sender)
        execute(header, message.payload, pending, on: actor)
        return 1
    }

    private static func answer(_ query: OutgoingQuery, on actor: isolated Actor) {
        actor.actorSystem.beginQuery()
        query.payload.withUnsafeBytes { payload in
            guard let header = CallHeader(payload) else { return }
            execute(header, payload, query.reply, on: actor)
        }
    }

    private static func execute(
        _ header: CallHeader, _ payload: UnsafeRawBufferPointer, _ pending: PendingReply?, on actor: isolated Actor
    ) {
        var delivery = Delivery(header, payload, pending: pending)
        actor.deliver(&delivery)
        actor.actorSystem.end()
    }

    private static var unreadable: LockstepError {
        LockstepError(.decodingFailed, "The call is in a format of another release. Run one release on all members.")
    }
}
