import CLockstep
import Glibc
import LockstepFabric

/// A node's side of the rendezvous; it lives on a thread of its own, which blocks, until the node has joined.
final class RendezvousClient {
    /// A proposal that this node has been sent.
    struct Proposal {
        let attempt: UInt64
        let rank: Int
        let members: [MeshNode]
        var isReady = false
    }

    let request: RendezvousRequest
    let control: RendezvousControl
    let mesh: Mesh
    let address: ClusterAddress
    let waiting: @Sendable ([String]) -> Void
    var proposal: Proposal?
    var present: [String] = []
    /// What somebody has to mend before a seed and this node can speak.
    private var flaw: String?

    init(
        _ request: RendezvousRequest, _ control: RendezvousControl, _ mesh: Mesh, _ address: ClusterAddress,
        waiting: @escaping @Sendable ([String]) -> Void
    ) {
        self.request = request
        self.control = control
        self.mesh = mesh
        self.address = address
        self.waiting = waiting
    }

    func run(resuming joined: CheckedContinuation<Rendezvous.Outcome, any Error>) {
        do {
            let outcome = try join()
            control.wake.close()
            joined.resume(returning: outcome)
        } catch {
            address.giveUp()
            control.wake.close()
            joined.resume(throwing: error)
        }
    }

    /// Goes from registrar to registrar until there is an outcome.
    private func join() throws -> Rendezvous.Outcome {
        var pause = ControlLimit.retryNanoseconds
        while true {
            try checkOrders()
            if let socket = try connect(), let outcome = try converse(over: socket) {
                try control.join()
                return outcome
            }
            withdraw()
            try rest(pause)
            pause = min(pause * 2, ControlLimit.retryNanosecondsMax)
        }
    }

    /// Gives up a proposal that this node will not hear the end of.
    func withdraw() {
        proposal = nil
        address.release()
    }
}

// MARK: - Finding the registrar

extension RendezvousClient {
    /// A connection on which this node has introduced itself, or nil to try again in a moment.
    private func connect() throws -> (any ControlSocket)? {
        if let network = request.network { return try connect(through: network) }
        let place = request.place
        var result = LocalSocket.connect(to: place)
        if case .failure(let failure) = result, failure.errno == ECONNREFUSED {
            guard try address.gather() else { return nil }
            result = LocalSocket.connect(to: place)
        }
        switch result {
        case .failure(let failure) where [ECONNREFUSED, EAGAIN].contains(failure.errno):
            return nil
        case .failure(let failure):
            throw RendezvousError.system(call: "connect", errno: failure.errno)
        case .success(let socket):
            let owner = try socket.peer()
            guard owner.user == getuid() else { throw foreign(owner) }
            return try introduce(over: socket) ? socket : nil
        }
    }

    /// A connection to the first of the seeds that answers, which may be this node itself.
    private func connect(through network: NodeNetwork) throws -> (any ControlSocket)? {
        var found: String?
        for seed in network.others {
            let socket = try network.endpoint.call(seed, for: .rendezvous)
            if try introduce(over: socket) { return socket }
            found = socket.flaw ?? found
        }
        flaw = found ?? flaw
        guard try address.gather() else {
            // Who gathers goes on: it may be the others who have to mend something, and not all of them.
            if let found { throw RendezvousError.untrusted(detail: found) }
            return nil
        }
        let socket = try network.endpoint.call(network.endpoint.address, for: .rendezvous, node: request.name)
        return try introduce(over: socket) ? socket : nil
    }

    private func foreign(_ owner: (user: UInt32, process: Int32)) -> RendezvousError {
        .otherUser(
            detail: "Process \(owner.process) of user \(owner.user) holds the address of cluster "
                + "\"\(request.cluster)\" and this is user \(getuid()): choose another name for the cluster.")
    }
}

// MARK: - Waiting

extension RendezvousClient {
    func checkOrders() throws {
        if control.isCancelled { throw CancellationError() }
        guard lockstep_monotonic_ns() < request.deadline else {
            throw RendezvousError.timedOut(
                present: present.isEmpty ? [request.name] : present, expected: request.expected, flaw: flaw)
        }
    }

    /// Sleeps until the connection has something, the process or the mesh has, or the deadline passes.
    func wait(for socket: (any ControlSocket)?, until deadline: Int64) {
        var polled = [pollfd(reading: control.wake.reader), socket?.polled(forRoom: false) ?? pollfd(reading: -1)]
        withExtendedLifetime(socket) { pollDescriptors(&polled, until: deadline) }
        if polled[0].revents != 0 { control.wake.clear() }
    }

    private func rest(_ nanoseconds: Int64) throws {
        try checkOrders()
        wait(for: nil, until: min(lockstep_monotonic_ns() + nanoseconds, request.deadline))
    }
}
