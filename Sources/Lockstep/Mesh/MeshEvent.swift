import LockstepFabric

/// What a node's mesh tells it.
package enum MeshEvent: Sendable {
    /// A node is connected, whoever began it, and its memory is here, by a fabric that was chosen for a reason.
    case connected(MeshNode, any PeerMemory, because: String)
    /// A connected node has sent something; messages of one node come in the order in which it sent them.
    case message(from: UInt64, kind: UInt16, [UInt8], Descriptor?)
    /// A connection has ended, and not by this node.
    case disconnected(UInt64, GoneReason)
    /// There is no connection to a node that was to be connected, or that asked for it.
    case failed(MeshNode, MeshFailure)
}

/// How a connection ended.
package enum GoneReason: Sendable {
    /// The other side said goodbye.
    case left
    /// It ended without a word: the process has died, or one side did not read what the other sent.
    case died
}

/// Why two nodes are not connected.
package enum MeshFailure: Error {
    /// Nobody answers there: the node is gone, or stopped.
    case unreachable
    /// The other side does not want it, and says why.
    case refused(String)
    /// The other's memory cannot be mapped here.
    case unmappable(any Error)
}
