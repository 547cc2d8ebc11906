/// What a shard's messages travel on, the same one at all members: a number below ``Strand/count``. Each poller of a node has
/// its share of the strands, and what is pushed on one of them stays in order.
package enum Strand {
    /// A node has no more pollers, and as many as a power of two.
    package static let count = 8
}

/// The strands that one channel between two nodes carries.
///
/// Between nodes with different numbers of pollers there is a channel for each poller of the node that has more: so all that
/// travels on it has one thread at each end.
struct StrandShare: Hashable, Sendable {
    private let first: Int
    private let mask: Int

    /// What a channel carries between two nodes with so many pollers.
    init(of channel: FabricChannel, _ own: Int, _ theirs: Int) {
        guard let poller = channel.poller else {
            (first, mask) = (0, 0)
            return
        }
        (first, mask) = (poller, max(own, theirs) - 1)
    }

    func contains(_ strand: Int) -> Bool { strand & mask == first }
}
