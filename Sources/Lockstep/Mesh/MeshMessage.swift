/// What travels between two nodes.
enum MeshMessage: Equatable {
    /// First in both directions.
    case handshake(HandshakeMessage)
    /// Then, with the descriptor of the region.
    case hello(cluster: String, MeshNode)
    case reject(MeshObjection, sentence: String)
    case goodbye
    /// What the node's user sends.
    case post(kind: UInt16, [UInt8])
    /// Which node has called, on a connection for a channel of the fabric; and the answer.
    case branch(of: UInt64)
    case attached
    /// The caller has all connections, or has seen that what it sends over RDMA arrives.
    case whole
    /// How the sender's queue pairs are reached over RDMA.
    case rdma([UInt8])
    /// No RDMA leads from one to the other after all.
    case noRDMA(sentence: String)

    private enum Kind: UInt8 {
        case handshake = 1
        case hello, reject, goodbye, post, branch, attached, whole, rdma, noRDMA
    }

    init(decoding bytes: [UInt8]) throws(ControlFlaw) {
        var reader = ControlReader(bytes)
        switch Kind(rawValue: try reader.kind()) {
        case .handshake: self = .handshake(try HandshakeMessage(from: &reader))
        case .hello: self = .hello(cluster: try reader.name(), try MeshNode(from: &reader))
        case .reject:
            guard let objection = MeshObjection(rawValue: try reader.integer(UInt8.self)) else {
                throw .malformed("it rejects for an unknown reason")
            }
            self = .reject(objection, sentence: try reader.sentence())
        case .goodbye: self = .goodbye
        case .post: self = .post(kind: try reader.integer(UInt16.self), reader.remainder())
        case .branch: self = .branch(of: try reader.integer(UInt64.self))
        case .attached: self = .attached
        case .whole: self = .whole
        case .rdma: self = .rdma(try reader.bytes(try reader.number(in: 1...ControlLimit.offerBytesMax)))
        case .noRDMA: self = .noRDMA(sentence: try reader.sentence())
        case nil: throw .malformed("it is of an unknown kind")
        }
        try reader.end()
    }

    func encoded() -> [UInt8] {
        var writer = ControlWriter(version: ControlLimit.wireVersion, kind: kind.rawValue)
        switch self {
        case .handshake(let message): message.write(to: &writer)
        case .hello(let cluster, let node):
            writer.write(name: cluster)
            node.write(to: &writer)
        case .reject(let objection, let sentence):
            writer.write(objection.rawValue)
            writer.write(sentence: sentence)
        case .goodbye, .attached, .whole: break
        case .branch(let node): writer.write(node)
        case .post(let kind, let bytes):
            writer.write(kind)
            writer.write(bytes)
        case .rdma(let bytes):
            writer.write(UInt16(bytes.count))
            writer.write(bytes)
        case .noRDMA(let sentence): writer.write(sentence: sentence)
        }
        return writer.bytes
    }

    private var kind: Kind {
        switch self {
        case .handshake: .handshake
        case .hello: .hello
        case .reject: .reject
        case .goodbye: .goodbye
        case .post: .post
        case .branch: .branch
        case .attached: .attached
        case .whole: .whole
        case .rdma: .rdma
        case .noRDMA: .noRDMA
        }
    }
}

/// Why a node does not want a connection.
enum MeshObjection: UInt8 {
    case refused = 1
    /// Each has called the other, and the call in the other direction stays.
    case crossed
}
