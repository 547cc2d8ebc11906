import CLockstep
import Glibc

/// One connection to the registrar, and what is known of the node behind it.
final class RegistrarConnection {
    /// Nil once it is closed.
    private(set) var socket: (any ControlSocket)?
    let process: Int32
    /// When it must have said who it is.
    let silentUntil: Int64
    /// With which the connection begins.
    var handshake: Handshake
    var hello: RendezvousHello?
    /// True once it is connected to the other members of the current proposal.
    var isReady = false

    init(socket: any ControlSocket, process: Int32, handshake: Handshake, silentUntil: Int64) {
        self.socket = socket
        self.process = process
        self.handshake = handshake
        self.silentUntil = silentUntil
    }

    var isOpen: Bool { socket != nil }

    func close() { socket = nil }
}

extension Registrar {
    // MARK: - Coming

    func admit(_ socket: any ControlSocket) {
        guard let peer = try? socket.peer() else { return }
        let connection = RegistrarConnection(
            socket: socket, process: peer.process,
            handshake: Handshake(as: .called, at: host.place, key: host.key),
            silentUntil: lockstep_monotonic_ns() + host.silenceNanoseconds)
        connections.append(connection)
        if peer.user != getuid() {
            reject(
                connection, .otherUser,
                "Cluster \"\(host.cluster)\" belongs to user \(getuid()), and this process to user \(peer.user): "
                    + "run all its nodes as one user.")
        } else if connections.count > ControlLimit.connectionsMax {
            // Who only holds the door open makes room.
            reject(
                connections.first { !$0.handshake.isProven } ?? connection, .tooMany,
                "The registrar of cluster \"\(host.cluster)\" (process \(getpid())) has "
                    + "\(ControlLimit.connectionsMax) connections: end the processes that are too many.")
        }
    }

    // MARK: - Speaking

    /// Whoever does not read, so that there is no room for a message, is closed.
    func send(_ message: RendezvousMessage, to connection: RegistrarConnection) {
        guard let socket = connection.socket, socket.send(message) != 0 else { return }
        close(connection)
    }

    func reject(_ connection: RegistrarConnection, _ code: RejectCode, _ sentence: String) {
        door.note(process: connection.process, told: sentence)
        _ = connection.socket?.send(.reject(code, sentence: sentence))
        close(connection)
    }

    func receive(from connection: RegistrarConnection) {
        guard let socket = connection.socket else { return }
        switch socket.receive() {
        case .nothing: break
        case .closed: close(connection)
        case .tooLong: reject(connection, .malformed, malformed("it is too long"))
        case .message(let bytes, let descriptors): understand(bytes, descriptors, from: connection)
        }
    }

    private func understand(
        _ bytes: [UInt8], _ descriptors: [Descriptor], from connection: RegistrarConnection
    ) {
        do {
            try handle(RendezvousMessage(decoding: bytes), descriptors, from: connection)
        } catch {
            let (code, sentence) = objection(to: error)
            reject(connection, code, sentence)
        }
    }

    private func objection(to flaw: ControlFlaw) -> (RejectCode, String) {
        switch flaw {
        case .malformed(let flaw):
            (.malformed, malformed(flaw))
        case .otherVersion(let theirs):
            (
                .version,
                "The registrar (process \(getpid())) speaks version \(ControlLimit.wireVersion) of the "
                    + "rendezvous and this node version \(theirs): run the same version of Lockstep on all nodes."
            )
        case .otherKey:
            (.otherKey, RendezvousError.otherKey(in: host.cluster, than: getpid()))
        }
    }

    private func malformed(_ flaw: String) -> String {
        "The registrar of cluster \"\(host.cluster)\" cannot read a message of this process: \(flaw). "
            + "Only nodes of the same version of Lockstep may connect to it."
    }

    // MARK: - Going

    /// Takes it out at once; the others hear of it when the current message is dealt with.
    func close(_ connection: RegistrarConnection) {
        guard connection.isOpen else { return }
        connection.close()
        connections.removeAll { $0 === connection }
        departures.append(connection)
    }

    /// Closes who has not said who it is in time, and lets a resting listener go on.
    func expire() {
        let now = lockstep_monotonic_ns()
        for connection in connections where connection.hello == nil && connection.silentUntil <= now {
            close(connection)
        }
        listener.rested(by: now)
    }

    /// When the loop has something to do though nobody says anything; nil at rest.
    func nextDeadline() -> Int64? {
        var deadlines = connections.filter { $0.hello == nil }.map(\.silentUntil)
        if let rest = listener.restsUntil { deadlines.append(rest) }
        if case .proposed(let proposal) = phase, !proposal.unsent.isEmpty {
            deadlines.append(lockstep_monotonic_ns() + ControlLimit.retryNanoseconds)
        }
        return deadlines.min()
    }
}
