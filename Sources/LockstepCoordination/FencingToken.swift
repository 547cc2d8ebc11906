import Lockstep

/// The number of somebody's turn at something: greater than that of everybody who had it before.
///
/// Give it to whatever is changed under a lock outside of the cluster, and let that refuse a token that is less than the
/// greatest that it has seen. Then nobody changes it whose turn is over, not even a process that was stopped in between.
///
/// It is the version of the update that gave the turn, so it grows as long as the cluster's state lives.
@Wire
public struct FencingToken: Codable, Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The number.
    public let value: UInt64

    /// Makes a token, such as one that was stored.
    public init(value: UInt64) { self.value = value }

    /// True if the first was given before the second.
    public static func < (one: FencingToken, other: FencingToken) -> Bool { one.value < other.value }

    /// The number.
    public var description: String { "\(value)" }
}
