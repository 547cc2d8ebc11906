/// The memory of a peer on another host, or of one that is spoken with as if it were: a local copy of its region, into
/// which the peer's pushes are put where they belong.
package protocol RemoteMemory: PeerMemory {
    /// The way to the peer for one channel, from a node whose region is `own`. It is asked for once for each of
    /// ``PeerMemory/channels(from:)``.
    func open(_ channel: FabricChannel, from own: SharedMemoryRegion) -> any RemoteLink

    /// False when nothing can be sent to the peer any more, and nothing comes.
    var isOpen: Bool { get }

    /// Nothing more is expected of the peer. What it has sent before still arrives, if that is soon.
    func close()
}

extension RemoteMemory {
    /// The kernel of this host cannot know whether the peer lives: its silence decides.
    package func life(seenBy peer: Peer) -> Life { isOpen ? .alive : .lost }
}

/// The way of one channel to a peer whose memory is not shared: pushes are copied into the peer's mirror of my region.
///
/// It keeps the promise of ``Fabric`` for one peer. All calls come from the one thread that owns the channel. Who puts
/// what arrives into the mirror is the link's own business: hardware, a thread, or ``poll()``. What arrives after a
/// ``flush(waking:)`` that wakes must end the sleep of the channel's thread: ``FabricWaker/wake()`` does that from any
/// thread, and costs little if nobody sleeps.
///
/// A broken link says nothing: pushes have no effect, nothing arrives any more, and the peer's silence decides.
package protocol RemoteLink: AnyObject {
    /// Posts a range of my region, aligned to words of 8 bytes, with the values that it has now. It leaves with the next
    /// flush at the latest.
    func push(_ range: Range<Int>)

    /// Everything that was pushed leaves.
    ///
    /// - Parameter isWaking: True if the peer's thread must be woken behind it, if it sleeps.
    func flush(waking isWaking: Bool)

    /// Does what software must do, once a turn, for what was pushed to leave and what has come to be seen.
    func poll()

    /// The channel's thread is about to sleep: whatever wakes it from here on must not be lost. Everything is looked at
    /// once more after this. False if it must not sleep yet, because the peer has to hear of it first.
    func prepareToPark() -> Bool

    /// The channel's thread is awake again, or does not sleep after all.
    func unpark()

    /// Ends the link. When this returns, nothing that the peer pushes on it is put into the mirror any more.
    func close()
}
