/// A call, wherever one asks what became of it.
public struct CallID: Sendable, Hashable, Codable, CustomStringConvertible {
    /// The view in which it was sent.
    public let view: UInt64
    /// The rank of the member that sent it.
    public let rank: Int
    /// Its number among what this member has sent in the group, from 0.
    public let number: UInt64

    /// Such as `1/2/40`: the view, the rank and the number.
    public var description: String { "\(view)/\(rank)/\(number)" }
}

/// What became of a call.
public enum CallOutcome: Sendable, Hashable {
    /// It has been executed here, and is or will be on every member that stays.
    case executed
    /// It is on its way.
    case pending
    /// It was not executed and will not be: the member that sent it is gone, and nobody else had it.
    case notExecuted
    /// Nobody here can tell: it was sent too long ago, or the group has stopped before it came.
    case unknown
}
