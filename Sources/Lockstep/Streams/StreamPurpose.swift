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
    /// Of nodes with more pollers than one.
    case polling1, polling2, polling3, polling4, polling5, polling6, polling7

    private static let further: [StreamPurpose] = [
        .polling1, .polling2, .polling3, .polling4, .polling5, .polling6, .polling7,
    ]

    init(_ channel: FabricChannel) {
        self =
            switch channel.poller {
            case nil: .membership
            case 0: .polling
            case let poller?: Self.further[poller - 1]
            }
    }

    /// The channel of the fabric that a connection is for, nil if it is for none.
    var channel: FabricChannel? {
        switch self {
        case .rendezvous, .mesh, .clients: nil
        case .polling: .polling
        case .membership: .membership
        default: Self.further.firstIndex(of: self).map { .poller($0 + 1) }
        }
    }
}
