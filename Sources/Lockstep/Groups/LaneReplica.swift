import LockstepProtocol

/// The poller's side of a replica that runs in a lane: it copies what is delivered, so that the senders may use that part
/// of their rings again, and leaves the rest to the lane.
final class LaneReplica: Replica {
    private let lane: Lane
    private let waiting = LaneMessages()
    /// True if it takes everything, because the view ends.
    private var takesAll = false

    /// Makes a replica in a lane that has started.
    init(_ lane: Lane, _ make: @escaping @Sendable () -> any LaneRunner) {
        self.lane = lane
        lane.host(make)
    }

    func deliver(from core: inout OrderedMulticast, own: inout OwnMessages) throws(ProtocolError) -> Bool {
        var hasDelivered = false
        // The lane makes room meanwhile.
        while var room = takesAll ? .max : lane.room() {
            while room > 0 {
                guard let message = try core.next() else { return hasDelivered }
                hasDelivered = true
                let inFlight = own.take(message)
                if let inFlight { waiting.append(inFlight) }
                room -= lane.put(Lane.Message(kept: KeptMessage(message), waiting: inFlight))
            }
        }
        return hasDelivered
    }

    var inLane: LaneMessages? { waiting }

    func answer(_ queries: [OutgoingQuery]) { lane.command { $0?.answer(queries) } }

    func serve(_ call: MemberCall) {
        lane.command { replica in
            guard let replica else { return call.refuse(CallChannel.hasLeft.message) }
            replica.serve(call)
        }
    }

    func inspect(_ body: @escaping @Sendable ((any ReplicaState)?) -> Void) { lane.inspect(body) }

    func noteEnd() { takesAll = true }

    func enter(_ view: View, _ replicas: [View.Member], at level: Int) {
        takesAll = false
        lane.command { $0?.enter(view, replicas, at: level) }
    }

    func note(_ change: GroupView) { lane.command { $0?.note(change) } }

    var hasState: Bool { true }

    func takeSnapshot(_ body: @escaping @Sendable (Result<ReplicaSnapshot, any Error>) -> Void) {
        lane.inspect { state in
            body(
                Result {
                    guard let state else { throw StateInterruption.hasEnded }
                    return try state.takeSnapshot()
                }
            )
        }
    }

    func restore(from snapshot: ReplicaSnapshot, then done: @escaping @Sendable (Result<Void, any Error>) -> Void) {
        lane.command { replica in done(Result { try replica?.restore(from: snapshot) }) }
    }

    func execute(_ message: KeptMessage) { lane.put(Lane.Message(kept: message, waiting: nil)) }

    // The lane itself looks what there is to do, and when.
    func become(doer: Bool) { lane.command { $0?.become(doer: doer) } }

    func stopEffects() { lane.command { $0?.stopEffects() } }

    func close() { lane.end() }
}
