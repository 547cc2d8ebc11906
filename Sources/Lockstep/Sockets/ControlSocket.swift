import Glibc

/// One end of a connection on which two processes send each other whole messages; it never blocks.
protocol ControlSocket {
    /// Sends a message, with descriptors if both ends are on one host. 0, or a negated errno; `EAGAIN`: the other side
    /// does not read.
    func send(_ bytes: [UInt8], numbers: [Int32]) -> Int32

    func receive() -> ControlArrival

    /// What to poll. Some can be polled for room to send as well, and others have something then.
    func polled(forRoom wantsRoom: Bool) -> pollfd

    /// The user and the process at the other end. What the kernel of this host cannot see is process 0, and counts as this
    /// user's: it has to prove that it knows the cluster's key.
    func peer() throws(RendezvousError) -> (user: UInt32, process: Int32)

    /// True if both ends are on one host, so that nodes hand over their memory.
    var isOnOneHost: Bool { get }

    /// False if the other end has shown that it is a node of another name. Not every connection can tell.
    func mayBe(_ node: String) -> Bool

    /// Why the connection has ended, if somebody has to mend it.
    var flaw: String? { get }
}

extension ControlSocket {
    func mayBe(_ node: String) -> Bool { true }

    var flaw: String? { nil }
}

/// What there was to receive.
enum ControlArrival {
    case message([UInt8], [Descriptor])
    case nothing
    case tooLong
    case closed
}

/// Where connections come in.
protocol ControlListener: Sendable {
    /// What to poll.
    var polled: pollfd { get }

    /// Takes a bounded number, so that a flood of connections cannot keep others waiting.
    mutating func acceptAll() -> [any ControlSocket]

    /// Set while connections wait that this process has no room for.
    var restsUntil: Int64? { get }

    /// Lets a resting listener go on.
    mutating func rested(by now: Int64)

    /// What members hand each other so that the address stays taken; nothing where each has its own.
    var copies: [Descriptor] { get }
}
