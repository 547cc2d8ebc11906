/// What a query may miss, in exchange for its speed.
///
/// ```swift
/// let exact = try await inventory.quantity(of: "bolt")
/// let quick = try await inventory.reading(.local).quantity(of: "bolt")
/// ```
public enum Consistency: Sendable, Hashable {
    /// The query sees every update whose result anybody had before it began, whatever clocks and networks do. It takes
    /// one round with all members, which all queries that wait share.
    case linearizable
    /// The same without a round, as long as the other members have promised not to go on without this one.
    ///
    /// It relies on clocks: that they do not stop, and that none goes a tenth faster than another. Virtual machines that
    /// are suspended may break that, and then a query may miss updates. While there is no such promise, as for a
    /// moment after each change of views, a query is as ``linearizable`` ones are.
    case leased
    /// The query sees what this replica has executed so far, even if it was cut off long ago.
    case local
}

/// How a query comes to see what it has to.
enum QueryWay: Sendable {
    /// A message without payload marks its place in the order of the shard.
    case marked
    /// What this member has received is waited for. That alone does not show that the others have not gone on.
    case settled
    /// The same, and the member must hold a lease then.
    case leased
    /// It sees what is there.
    case local
}

extension Consistency {
    var way: QueryWay {
        switch self {
        case .linearizable: .marked
        case .leased: .leased
        case .local: .local
        }
    }
}

extension ReplicatedHandle {
    /// The same group, whose queries are answered with another consistency.
    public func reading(_ consistency: Consistency) -> Self {
        Self(Group(group.way, consistency))
    }
}
