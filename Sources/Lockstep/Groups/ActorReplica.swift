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
        switch own {
        case .queries(let calls):
            for call in calls { answer(call, on: actor) }
            return 0
        case .update(let pending, _):
            return execute(message.payload, pending, on: actor)
        case .abandoned, .raw, nil:
            return message.payload.isEmpty ? 0 : execute(message.payload, nil, on: actor)
        }
    }

    private static func answer(_ call: OutgoingCall, on actor: isolated Actor) {
        _ = call.payload.withUnsafeBytes { execute($0, call.pending, on: actor) }
    }

    private static func execute(
        _ payload: UnsafeRawBufferPointer, _ pending: PendingCall?, on actor: isolated Actor
    ) -> UInt64 {
        guard var delivery = Delivery(payload, pending: pending) else { return 0 }
        actor.deliver(&delivery)
        return 1
    }
}
