/// What a node is to its cluster.
public enum NodeRole: String, Sendable, Hashable, Codable, CaseIterable {
    /// It votes on views, and groups may have replicas on it.
    case member
    /// It votes on views, and hosts nothing. With one, a cluster of two other nodes goes on when one of them fails: two
    /// alone cannot, since neither would know whether the other is gone or only cut off.
    case witness
    /// Groups may have replicas on it, which get every update and answer queries, and it has no vote: however many of
    /// these come and go, what the cluster needs to go on stays the same.
    case reader

    /// True if majorities are made with such nodes.
    var votes: Bool { self != .reader }
    /// True if groups may have replicas on such a node.
    var hosts: Bool { self != .witness }
}
