/// The name of a group: one replicated actor, with a copy on every member.
public struct GroupID: Hashable, Sendable, Codable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// 1 to 128 bytes of UTF-8, not beginning with `lockstep.`.
    public let name: String

    /// Names a group.
    public init(_ name: String) { self.name = name }

    /// Names a group.
    public init(stringLiteral name: String) { self.name = name }

    /// The name.
    public var description: String { name }

    func check() throws(LockstepError) {
        guard !name.hasPrefix("lockstep.") else {
            throw LockstepError(
                .invalidConfiguration, "Group names that begin with \"lockstep.\" are taken, as \"\(name)\" is."
            )
        }
        guard (1...128).contains(name.utf8.count) else {
            throw LockstepError(
                .invalidConfiguration,
                "A group's name must have 1 to 128 bytes, and \"\(name)\" has \(name.utf8.count)."
            )
        }
    }
}
