/// A connected peer's memory, as it is seen here, and what is known of the peer's life through it.
package protocol PeerMemory: AnyObject, Sendable {
    /// The peer's region.
    var mirror: Mirror { get }

    /// How many pollers the peer has.
    var pollers: Int { get }

    /// Whether the peer lives, as the node that has the place `peer` among the others sees it.
    func life(seenBy peer: Peer) -> Life
}

extension PeerMemory {
    /// The channels between the peer and a node whose region is `own`.
    package func channels(from own: SharedMemoryRegion) -> [FabricChannel] {
        FabricChannel.all(pollers: max(pollers, own.pollers))
    }
}

extension SharedMemoryMirror: PeerMemory {}
