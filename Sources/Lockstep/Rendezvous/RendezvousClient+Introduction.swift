import Glibc
import LockstepFabric

extension RendezvousClient {
    /// Proves to the registrar that this node knows the key, wants the same of it, and says who this node is. False to
    /// try again in a moment.
    func introduce(over socket: any ControlSocket) throws -> Bool {
        try prove(over: socket) && sayHello(over: socket)
    }

    private func prove(over socket: any ControlSocket) throws -> Bool {
        var handshake = Handshake(as: .caller, at: request.place, key: request.key)
        guard try say(.handshake(handshake.greeting), over: socket) else { return false }
        switch try next(from: socket) {
        case (.handshake(let step), _)?:
            do {
                guard let reply = try handshake.take(step) else { return false }
                return try say(.handshake(reply), over: socket)
            } catch ControlFlaw.otherKey {
                _ = try say(.handshake(.disagreement), over: socket)
                let registrar = try socket.peer().process
                throw RendezvousError.otherKey(detail: RendezvousError.otherKey(in: request.cluster, than: registrar))
            } catch is ControlFlaw {
                return false
            }
        case (.reject(let code, let sentence), _)?: throw error(code, sentence)
        default: return false
        }
    }

    private func sayHello(over socket: any ControlSocket) throws -> Bool {
        let hello = RendezvousHello(
            cluster: request.cluster, name: request.name, incarnation: request.incarnation,
            expected: request.expected, regionSize: request.region.region.size, process: getpid(),
            address: request.network?.endpoint.address, traits: request.traits)
        return try say(
            .hello(hello), with: socket.isOnOneHost ? [request.region.descriptor] : [], over: socket)
    }

    private func say(
        _ message: RendezvousMessage, with numbers: [Int32] = [], over socket: any ControlSocket
    ) throws -> Bool {
        switch -socket.send(message.encoded(), numbers: numbers) {
        // A registrar that closes first may have said why: that is still to be read.
        case 0, EPIPE, ECONNRESET: return true
        case EAGAIN, ETOOMANYREFS: return false
        case let errno: throw RendezvousError.system(call: "sendmsg", errno: errno)
        }
    }

    // MARK: - Listening

    /// What the registrar says next; nil if it says nothing more, or what no registrar would say.
    func next(from socket: any ControlSocket) throws -> (RendezvousMessage, [Descriptor])? {
        while true {
            switch socket.receive() {
            case .nothing:
                try checkOrders()
                guard try sayIfReady(over: socket) else { return nil }
                wait(for: socket, until: request.deadline)
            case .closed, .tooLong:
                return nil
            case .message(let bytes, let descriptors):
                if control.isCancelled { throw CancellationError() }
                return try understand(bytes).map { ($0, descriptors) }
            }
        }
    }

    private func understand(_ bytes: [UInt8]) throws -> RendezvousMessage? {
        do {
            return try RendezvousMessage(decoding: bytes)
        } catch {
            guard case .otherVersion(let theirs) = error else { return nil }
            throw RendezvousError.versionMismatch(
                ours: Int(ControlLimit.wireVersion), theirs: Int(theirs))
        }
    }

    /// What a rejection means.
    func error(_ code: RejectCode, _ sentence: String) -> RendezvousError {
        switch code {
        case .nameTaken: .nameTaken(detail: sentence)
        case .expected: .expectedMismatch(detail: sentence)
        case .otherUser: .otherUser(detail: sentence)
        case .otherKey: .otherKey(detail: sentence)
        case .version, .malformed, .cluster, .tooMany: .rejected(sentence)
        }
    }
}
