/// Who a node is; the descriptor of its region comes with it.
struct RendezvousHello: Equatable, Sendable {
    var cluster: String
    var name: String
    var incarnation: UInt64
    var expected: Int
    var regionSize: Int
    /// Its own number, and where it listens for other hosts.
    var process: Int32 = 0
    var address: NodeAddress?
    var traits = NodeTraits()
}

/// Why the registrar turned a connection down.
enum RejectCode: UInt8 {
    case version = 1
    case malformed, cluster, otherUser, nameTaken, expected, tooMany, otherKey
}

/// One message between a node and the registrar.
enum RendezvousMessage: Equatable {
    /// First in both directions.
    case handshake(HandshakeMessage)
    case hello(RendezvousHello)
    case reject(RejectCode, sentence: String)
    case waiting(present: [String], expected: Int)
    /// With the cluster's address itself: a descriptor of the listening socket. The members come in rank order.
    case propose(attempt: UInt64, rank: Int, members: [MeshNode])
    /// The node is connected to all other members.
    case ready(attempt: UInt64)
    case failed(attempt: UInt64, sentence: String)
    case install(attempt: UInt64)
    case abandon(attempt: UInt64, sentence: String)
    /// The cluster runs, with these; with its address, as ``propose(attempt:rank:members:)``.
    case formed(view: UInt64, members: [MeshNode])

    /// The number that says on the wire which message it is.
    enum Kind: UInt8 {
        case handshake = 1
        case hello, reject, waiting, propose, ready, failed, install, abandon, formed
    }

    var kind: Kind {
        switch self {
        case .handshake: .handshake
        case .hello: .hello
        case .reject: .reject
        case .waiting: .waiting
        case .propose: .propose
        case .ready: .ready
        case .failed: .failed
        case .install: .install
        case .abandon: .abandon
        case .formed: .formed
        }
    }
}

extension ControlSocket {
    /// 0, or a negated errno.
    func send(_ message: RendezvousMessage, with descriptors: [Descriptor] = []) -> Int32 {
        withExtendedLifetime(descriptors) { send(message.encoded(), numbers: descriptors.map(\.number)) }
    }
}
