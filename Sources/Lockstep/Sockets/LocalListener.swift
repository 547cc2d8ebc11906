import CLockstep
import Glibc

/// An address at which connections come in.
struct LocalListener: ControlListener {
    let descriptor: Descriptor
    /// Set while connections wait that this process has no descriptors or memory for.
    private(set) var restsUntil: Int64?

    init(_ descriptor: Descriptor) { self.descriptor = descriptor }

    /// Listens at an address, unless somebody else does.
    init?(at address: String) throws(RendezvousError) {
        let result = lockstep_listen(address, address.utf8.count)
        if result == -EADDRINUSE { return nil }
        self.init(try Descriptor(result, of: "bind"))
    }

    var copies: [Descriptor] { [descriptor] }

    /// What to poll.
    var polled: pollfd { pollfd(reading: restsUntil == nil ? descriptor.number : -1) }

    /// Lets a resting listener go on.
    mutating func rested(by now: Int64) {
        if let restsUntil, restsUntil <= now { self.restsUntil = nil }
    }

    /// Takes a bounded number, so that a flood of connections cannot keep others waiting.
    mutating func acceptAll() -> [any ControlSocket] {
        var sockets: [any ControlSocket] = []
        let acceptedMax = 64
        for _ in 0..<acceptedMax {
            let result = lockstep_accept(descriptor.number)
            if result == -EAGAIN { break }
            if result == -ECONNABORTED || result == -EINTR { continue }
            guard result >= 0 else {
                // No descriptor is free for it: polling would report it again at once, for ever.
                restsUntil = lockstep_monotonic_ns() + ControlLimit.retryNanosecondsMax
                break
            }
            sockets.append(LocalSocket(descriptor: Descriptor(owning: result)))
        }
        return sockets
    }
}
