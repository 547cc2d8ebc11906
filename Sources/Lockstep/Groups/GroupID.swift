import LockstepFabric

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

    /// What the group's messages travel on if nobody says so: all members come to the same. (FNV-1a, 64 bits.)
    var strand: Int {
        let hash = name.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return Int((hash >> 32 ^ hash) % UInt64(Strand.count))
    }

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
