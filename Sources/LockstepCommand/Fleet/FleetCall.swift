/// What a client of a fleet does with something that all members share.
struct FleetCall: Hashable {
    enum Part: UInt64, CaseIterable {
        case lock, readWriteLock, semaphore, office, barrier, doubleBarrier, latch, counter, register, map, queue, topic
    }

    enum Action: UInt64 {
        /// Locks and offices, to ``release``; with permits as ``argument``.
        case acquire, release
        /// Barriers; a double one is left when ``end`` is answered.
        case arrive, end
        /// Latches.
        case countDown, wait
        /// Counters.
        case add
        /// Registers and maps: ``argument`` is the key, ``value`` what is put. Where it is to ``replace`` a version, that is
        /// ``version``.
        case get, put, replace
        /// Queues: ``argument`` is the item, except for ``take``, which is answered with it.
        case offer, take, finish, giveBack
        /// Topics and maps: to be told the next message or value, by a client that does nothing else.
        case hear
        /// Topics: ``value`` is the message.
        case publish
    }

    let part: Part
    let action: Action
    /// Which of its kind it is.
    let name: UInt64
    var argument: UInt64 = 0
    var value: UInt64 = 0
    var version: UInt64 = 0
}

/// What a call is answered.
struct FleetAnswer: Hashable {
    /// A token, a generation, a sum, what is there or was told, or the version that was put; 0 if none was.
    var output: UInt64 = 0
    /// Of what is there.
    var version: UInt64 = 0
}
