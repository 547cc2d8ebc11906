import Lockstep
import LockstepCoordination
import LockstepProtocol

/// Replicas are equal at the points that all of them come to.
final class ReplicaBook {
    private struct Point: Hashable {
        let shard: Int
        let name: String
    }

    private var known: [Point: (version: UInt64, hash: UInt64)] = [:]

    func note(_ replica: any OrderedReplica, of shard: Int, at point: String, by name: String) throws(Violation) {
        let (version, hash) = (replica.version, replica.stateHash)
        let place = Point(shard: shard, name: point)
        let first = known[place] ?? (version, hash)
        known[place] = first
        guard first != (version, hash) else { return }
        throw Violation(
            .equalReplicas,
            """
            At \(point) of shard \(shard) the replica of \(name) is at version \(version) with the hash \(hash), others at \
            \(first.version) with \(first.hash).
            """)
    }
}

/// A replica to which something of what happens does not come.
final class FlawedReplica: OrderedReplica {
    private let replica: CoordinationReplica
    private let flaw: CoordinationFlaw
    private var ordered: any OrderedReplica { replica.ordered }

    init(_ replica: CoordinationReplica, _ flaw: CoordinationFlaw) { (self.replica, self.flaw) = (replica, flaw) }

    func enter(_ view: MembershipView, me: MemberRecord, after installation: Installation?) {
        ordered.enter(view, me: me, after: flaw == .keptMember ? nil : installation)
    }

    func run(_ message: OrderedMulticast.Message, isAwaited: Bool) -> DetachedReply? {
        ordered.run(message, isAwaited: isAwaited)
    }

    func proposeDue(at now: Int64) -> [[UInt8]] { ordered.proposeDue(at: now) }

    func captureState() throws -> DetachedState { try ordered.captureState() }

    func restore(from state: DetachedState) throws {
        try ordered.restore(from: state)
        if flaw == .halfState { replica.forgetEffects() }
    }

    var stateHash: UInt64 { ordered.stateHash }

    var version: UInt64 { ordered.version }
}
