/// What an update has left to be done later, wherever one speaks of it: a timer, a call of another group, or an effect
/// outside.
///
/// No other effect of the cluster has it. Whoever gets an effect twice knows it by that.
public struct EffectID: Sendable, Hashable, Codable, CustomStringConvertible {
    /// The group whose update left it.
    public let group: GroupID
    let place: Place

    /// The update that left it, by its ``UpdateContext/version``.
    public var version: UInt64 { place.version }
    /// Its number among what that update left, from 0.
    public var index: Int { place.index }

    /// Such as `orders/812/0`: the group, the version and the index.
    public var description: String { "\(group)/\(place)" }

    /// Where in the history of its group an effect was left.
    struct Place: Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
        let version: UInt64
        let index: Int

        var description: String { "\(version)/\(index)" }

        static func < (one: Place, other: Place) -> Bool {
            (one.version, one.index) < (other.version, other.index)
        }
    }
}

/// A call of another group or an effect outside that will not be done any more, and why.
public struct EffectFailure: Sendable, Hashable, Codable, CustomStringConvertible {
    /// What was left to be done.
    public let id: EffectID
    /// The error in words, at most 512 bytes of them.
    public let reason: String

    /// Such as `orders/812/0: insufficientFunds`.
    public var description: String { "\(id): \(reason)" }

    /// An error in words that the smallest ring can carry.
    static func reason(of error: any Error) -> String { String(decoding: "\(error)".utf8.prefix(512), as: UTF8.self) }
}
