import LockstepFabric

/// What a connection between hosts is for. Its caller says so first, in a message of this one byte.
enum StreamPurpose: UInt8, Sendable {
    case rendezvous = 1
    case mesh
    /// The fabric's connections, one for each of its channels.
    case polling
    case membership
    /// Whoever calls is no node, and wants a node to work for it.
    case clients

    init(_ channel: FabricChannel) {
        self = channel == .polling ? .polling : .membership
    }

    /// The channel of the fabric that a connection is for, nil if it is for none.
    var channel: FabricChannel? {
        switch self {
        case .rendezvous, .mesh, .clients: nil
        case .polling: .polling
        case .membership: .membership
        }
    }
}
