/// The queries of an actor as a condition asks them, of this node's replica and at one moment. ``Replicated(level:)`` makes it.
///
/// It is good as long as the condition runs, and stops the program after that: nobody gets hold of the replica.
public protocol ReplicaQueries {
    /// The actor that is asked.
    associatedtype Replica: ReplicatedActor

    /// Makes what asks a replica.
    init(_ replica: QueriedReplica<Replica>)
}

/// This node's replica while a condition looks at it, for the code that ``Replicated(level:)`` generates.
public struct QueriedReplica<Replica: ReplicatedActor> {
    private let replica: Replica

    init(_ replica: Replica) { self.replica = replica }

    /// Runs a query.
    public func ask<Value>(_ query: (isolated Replica) throws -> Value) rethrows -> Value {
        replica.actorSystem.checkAsked()
        return try replica.inIsolation(query)
    }
}

@available(*, unavailable)
extension QueriedReplica: Sendable {}
