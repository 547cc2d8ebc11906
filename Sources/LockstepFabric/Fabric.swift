/// One-sided memory between nodes: my region, and a mirror of each peer's.
///
/// A fabric promises this, and nothing more:
/// - two pushes to one peer become visible there in order;
/// - the bytes within one push have no order, except that each aligned word of 8 bytes is whole.
///
/// So what a counter vouches for is pushed before it. All calls come from the one thread that owns the fabric.
package protocol Fabric: AnyObject {
    /// My memory; I alone write it.
    var region: Region { get }

    /// What has arrived of a peer's region.
    func mirror(of peer: Peer) -> Mirror

    /// Makes a range of my region visible to peers, with the values that it has now. What is pushed on one strand stays in
    /// order.
    func push(_ range: Range<Int>, to peers: PeerSet, on strand: Int)

    /// Rings a bell at peers, after what was pushed before on the strand: `bell` says what has changed, so that a turn there looks
    /// at that alone. Peers that sleep are woken; where pushes are visible at once, only if `isNeeded` says so, which
    /// is asked behind a full fence and may be left out if nobody sleeps.
    ///
    /// Where it costs a push, a bell does not ring for what was pushed if it was the last that rang there: the peer goes on
    /// looking (``standingBells``).
    func notify(_ peers: PeerSet, of bell: Int, on strand: Int, wakingWhen isNeeded: () -> Bool)

    /// What was pushed leaves, and wakes nobody: for peers that are known to look.
    func flush(_ peers: PeerSet)

    /// Takes the bells that have rung since the last call, each at least once.
    func takeBells(_ body: (Int) -> Void)

    /// What peers may have changed without another bell: for each of those whose bells cost a push, the last that it rang.
    var standingBells: [Int] { get }

    /// Sleeps until a peer or ``FabricWaker/wake()`` wakes this node, or the deadline passes, in nanoseconds of the
    /// monotonic clock. `hasWork` is asked once more after everybody can see that this node is about to sleep.
    func park(until deadline: @autoclosure () -> Int64?, unless hasWork: () -> Bool)
}

extension Fabric {
    /// Nothing is kept back.
    package func flush(_ peers: PeerSet) {}

    package var standingBells: [Int] { [] }

    /// For who has one strand.
    package func push(_ range: Range<Int>, to peers: PeerSet) { push(range, to: peers, on: 0) }

    package func notify(_ peers: PeerSet, of bell: Int, wakingWhen isNeeded: () -> Bool) {
        notify(peers, of: bell, on: 0, wakingWhen: isNeeded)
    }
}

/// What has changed, as a number below ``Bell/all`` that the nodes agree on.
package enum Bell {
    /// Everything may have changed: look at all of it.
    package static let all = 1 << 16 - 1
}

// What follows is used for every peer at every turn, in other modules too: so it is inlined there.

/// A node, by its place in the fabric's tables.
@frozen
@usableFromInline
package struct Peer: Hashable, Sendable {
    /// The most nodes that one fabric connects.
    @inlinable package static var countMax: Int { 64 }

    @usableFromInline package let index: Int

    @inlinable
    package init(_ index: Int) {
        precondition((0..<Peer.countMax).contains(index), "a peer's index must be below Peer.countMax")
        self.index = index
    }
}

/// A set of peers.
@frozen
@usableFromInline
package struct PeerSet: Hashable, Sendable, Sequence {
    /// One bit a peer, the lowest for the first.
    @usableFromInline package internal(set) var bits: UInt64

    @inlinable package init(bits: UInt64) { self.bits = bits }

    @inlinable
    package init(_ peers: some Sequence<Peer> = []) {
        bits = 0
        for peer in peers { insert(peer) }
    }

    @inlinable package func contains(_ peer: Peer) -> Bool { bits & 1 << peer.index != 0 }

    @inlinable package mutating func insert(_ peer: Peer) { bits |= 1 << peer.index }

    @inlinable package mutating func remove(_ peer: Peer) { bits &= ~(1 << peer.index) }

    @inlinable package var count: Int { bits.nonzeroBitCount }

    @inlinable package var isEmpty: Bool { bits == 0 }

    @inlinable package func union(_ other: PeerSet) -> PeerSet { PeerSet(bits: bits | other.bits) }

    @inlinable package func intersection(_ other: PeerSet) -> PeerSet { PeerSet(bits: bits & other.bits) }

    @inlinable package func subtracting(_ other: PeerSet) -> PeerSet { PeerSet(bits: bits & ~other.bits) }

    @inlinable package func makeIterator() -> Iterator { Iterator(rest: bits) }

    @frozen
    @usableFromInline
    package struct Iterator: IteratorProtocol {
        @usableFromInline var rest: UInt64

        @inlinable init(rest: UInt64) { self.rest = rest }

        @inlinable
        package mutating func next() -> Peer? {
            guard rest != 0 else { return nil }
            defer { rest &= rest - 1 }
            return Peer(rest.trailingZeroBitCount)
        }
    }
}
