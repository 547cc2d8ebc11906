import CLockstep
import Glibc

/// A node's side of the rendezvous; it lives on a thread of its own and blocks there.
final class RendezvousClient {
    /// A proposal that this node has mapped.
    struct Proposal {
        let attempt: UInt64
        let rank: Int
        let members: [RendezvousMember]
    }

    let request: RendezvousRequest
    let calls: RendezvousCalls
    let control: RendezvousControl
    var socket: RendezvousSocket?
    var registrar: RegistrarThread?
    var proposal: Proposal?
    var present: [String] = []
    /// Who went, in order, until a watcher has heard of it.
    var goneUntold: [(rank: Int, reason: GoneReason)] = []
    var gone: Set<Int> = []

    init(_ request: RendezvousRequest, _ calls: RendezvousCalls, _ control: RendezvousControl) {
        self.request = request
        self.calls = calls
        self.control = control
    }

    func run(resuming joined: CheckedContinuation<RendezvousView, any Error>) {
        do {
            let view = try form()
            joined.resume(returning: view)
            watch(view)
            end()
        } catch {
            withdraw()
            end()
            joined.resume(throwing: error)
        }
    }

    /// Goodbye comes before the registrar's end: it reads what was sent to it once more before it goes.
    private func end() {
        _ = socket?.send(.leave)
        socket = nil
        registrar?.stop()
        control.wake.close()
    }

    /// Undoes what was mapped for a proposal that will not be installed.
    func withdraw() {
        guard proposal != nil else { return }
        proposal = nil
        calls.abandon()
    }
}

// MARK: - Finding the registrar

extension RendezvousClient {
    /// Goes from registrar to registrar until one has installed a view.
    private func form() throws -> RendezvousView {
        var pause = RendezvousLimit.retryNanoseconds
        while true {
            try checkOrders()
            if let socket = try connect() {
                self.socket = socket
                if let view = try converse(over: socket) {
                    try control.formed()
                    proposal = nil
                    return view
                }
                withdraw()
                self.socket = nil
            }
            try rest(pause)
            pause = min(pause * 2, RendezvousLimit.retryNanosecondsMax)
        }
    }

    /// A connection on which this node has introduced itself, or nil to try again in a moment.
    private func connect() throws -> RendezvousSocket? {
        var result = connectOnce()
        if result == -ECONNREFUSED {
            guard try becomeRegistrar() else { return nil }
            result = connectOnce()
        }
        if result == -ECONNREFUSED || result == -EAGAIN { return nil }
        let socket = RendezvousSocket(descriptor: try RendezvousDescriptor(result, of: "connect"))
        let owner = try socket.peer()
        guard owner.user == getuid() else { throw foreign(owner) }
        return try introduce(over: socket) ? socket : nil
    }

    private func connectOnce() -> Int32 {
        let address = RendezvousSocket.address(of: request.cluster)
        return lockstep_connect(address, address.utf8.count)
    }

    /// False if somebody else was faster.
    private func becomeRegistrar() throws -> Bool {
        registrar?.stop()
        registrar = nil
        let address = RendezvousSocket.address(of: request.cluster)
        let result = lockstep_listen(address, address.utf8.count)
        if result == -EADDRINUSE { return false }
        registrar = try RegistrarThread(listener: RendezvousDescriptor(result, of: "bind"), for: request)
        return true
    }

    private func foreign(_ owner: (user: UInt32, process: Int32)) -> RendezvousError {
        .otherUser(
            detail: "Process \(owner.process) of user \(owner.user) holds the address of cluster "
                + "\"\(request.cluster)\" and this is user \(getuid()): choose another name for the cluster.")
    }

    private func introduce(over socket: RendezvousSocket) throws -> Bool {
        let hello = RendezvousHello(
            cluster: request.cluster, name: request.name, incarnation: request.incarnation,
            expected: request.expected, regionSize: request.regionSize)
        let bytes = RendezvousMessage.hello(hello).encoded()
        switch -socket.send(bytes, numbers: [request.regionDescriptor]) {
        // A registrar that closes first may have said why: that is still to be read.
        case 0, EPIPE, ECONNRESET: return true
        case EAGAIN, ETOOMANYREFS: return false
        case let errno: throw RendezvousError.system(call: "sendmsg", errno: errno)
        }
    }
}

// MARK: - Waiting

extension RendezvousClient {
    func checkOrders() throws {
        if control.isCancelled { throw CancellationError() }
        guard lockstep_monotonic_ns() < request.deadline else {
            throw RendezvousError.timedOut(
                present: present.isEmpty ? [request.name] : present, expected: request.expected)
        }
    }

    /// Sleeps until the connection has something, the process wants something, or the deadline passes.
    func wait(for socket: RendezvousSocket?, until deadline: Int64?) {
        var polled = [pollfd(fd: control.wake.reader, events: Int16(POLLIN), revents: 0)]
        if let socket {
            polled.append(pollfd(fd: socket.descriptor.number, events: Int16(POLLIN), revents: 0))
        }
        withExtendedLifetime(socket) { rendezvousPoll(&polled, until: deadline) }
        if polled[0].revents != 0 { control.wake.clear() }
    }

    private func rest(_ nanoseconds: Int64) throws {
        try checkOrders()
        wait(for: nil, until: min(lockstep_monotonic_ns() + nanoseconds, request.deadline))
    }
}
