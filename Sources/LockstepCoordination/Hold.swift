/// A turn at something, until it is given back.
///
/// The scoped forms, such as ``Lock/withLock(timeout:_:)``, give back by themselves, and are cancelled when the turn is
/// lost. Here nothing tells of that but the ``token``, and nobody gives it back when the value is dropped.
public struct Hold: Sendable {
    /// The number of this turn, for what it changes outside of the cluster.
    public let token: FencingToken
    let ticket: Ticket
    private let gate: SharedGate

    init(_ gate: SharedGate, _ ticket: Ticket, token: UInt64) {
        (self.gate, self.ticket, self.token) = (gate, ticket, FencingToken(value: token))
    }

    /// Gives it back, and returns when the next in turn may have it. The second time it does nothing.
    ///
    /// It is done also if the task is cancelled. If the cluster does not answer, it is tried until this process is out of
    /// it.
    public func release() async { await gate.leave(ticket) }
}
