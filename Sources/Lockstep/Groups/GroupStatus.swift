/// How a group stands at one member.
public struct GroupStatus: Sendable, Hashable {
    /// The group.
    public let group: GroupID
    /// True if every member hosts the group, so that calls are delivered.
    public let isActive: Bool
    /// The members that do not host it yet, by name.
    public let missing: [String]
    /// Updates executed here since the group began. Equal at two members that have executed the same.
    public let updates: UInt64
    /// A hash of the stored properties. Equal at two members that have executed the same.
    public let stateHash: UInt64
}
