/// An encoded query, and who waits for its result.
struct OutgoingQuery: Sendable {
    /// As a message would have it.
    let payload: [UInt8]
    /// In nanoseconds of the monotonic clock.
    let deadline: Int64
    let reply: PendingReply
}
