import CLockstep
import Crypto
import Glibc

/// A connection between a client and a member, at either end. It belongs to the one thread that polls.
final class ClientConnection {
    /// Nil once it is closed.
    private(set) var socket: (any ControlSocket)?
    /// With which the connection begins.
    private var handshake: Handshake
    private var outbox = ControlOutbox()
    /// When the other side was last heard.
    private(set) var heardAt = lockstep_monotonic_ns()

    /// What has come.
    enum Arrival {
        case nothing
        case message(ClientMessage)
        /// The other side has gone, or breaks the rules: for this reason, if there is one to tell.
        case end(ControlFlaw?)
    }

    init(_ socket: any ControlSocket, as role: Handshake.Role, at place: String, key: SymmetricKey) {
        self.socket = socket
        handshake = Handshake(as: role, at: place, key: key)
        if role == .caller { _ = send(.handshake(handshake.greeting)) }
    }

    /// Where a member is for clients, as the handshake names it.
    static func place(of address: String?, in cluster: String) -> String { address ?? "tcp-clients/\(cluster)" }

    /// True once the other side has proved that it knows the cluster's key.
    var isProven: Bool { handshake.isProven }

    /// What the other side has not had room for.
    var waitingBytes: Int { outbox.byteCount }

    var polled: pollfd { socket?.polled(forRoom: outbox.wantsRoom) ?? pollfd(reading: -1) }

    /// False if the connection is broken, or the other side has not read for too long.
    func send(_ message: ClientMessage) -> Bool { outbox.send(message.encoded(), over: socket) }

    /// Sends what waits, as far as there is room. False if the connection is broken.
    func flush() -> Bool { outbox.flush(over: socket) }

    func close() { socket = nil }

    /// The next thing that the other side says, behind the handshake.
    func receive() -> Arrival {
        while let socket {
            switch socket.receive() {
            case .nothing: return .nothing
            case .closed: return .end(nil)
            case .tooLong: return .end(.malformed("it is too long"))
            case .message(let bytes, _):
                do {
                    if let message = try take(ClientMessage(decoding: bytes)) { return .message(message) }
                } catch {
                    return .end(error)
                }
            }
        }
        return .end(nil)
    }

    /// Nil for a message of the handshake, which is answered here.
    private func take(_ message: ClientMessage) throws(ControlFlaw) -> ClientMessage? {
        heardAt = lockstep_monotonic_ns()
        switch message {
        case .handshake(let step):
            do {
                if let reply = try handshake.take(step) { _ = send(.handshake(reply)) }
            } catch .otherKey {
                // The caller is the first to see it.
                if step.isAnswer { _ = send(.handshake(.disagreement)) }
                throw .otherKey
            }
            return nil
        case .reject: return message
        default:
            guard isProven else { throw .malformed("it does not come at this time") }
            return message
        }
    }
}

extension HandshakeMessage {
    fileprivate var isAnswer: Bool {
        if case .answer = self { true } else { false }
    }
}
