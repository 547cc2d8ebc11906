/// A call on its way from a task to the poller of its shard.
struct OutgoingCall: Sendable {
    /// The shard's place among those of this node.
    let shard: Int
    /// The number of the method and its arguments, as they go into the ring.
    let payload: [UInt8]
    let isQuery: Bool
    /// In nanoseconds of the monotonic clock.
    let deadline: Int64
    let pending: any PendingCall
}

/// A message of this node that is in the ring and has not been delivered yet.
enum InFlight {
    case update(OutgoingCall)
    /// An update whose deadline has passed: it is executed when its turn comes, and nobody waits for it.
    case abandoned
    /// A message without payload that marks a place in the order at which these queries are answered.
    case queries([OutgoingCall])

    /// The earliest deadline of those who wait for it, nil if nobody does.
    var deadline: Int64? {
        switch self {
        case .update(let call): call.deadline
        case .abandoned: nil
        case .queries(let calls): calls.map(\.deadline).min()
        }
    }
}

extension CallArguments {
    /// The bytes of a method's number, before its arguments.
    static let methodSize = MemoryLayout<UInt32>.size

    /// What goes into the ring: the number of the method, little-endian, and the arguments.
    func payload(calling method: UInt32) -> [UInt8] {
        withUnsafeBytes(of: method.littleEndian) { Array($0) } + bytes
    }
}
