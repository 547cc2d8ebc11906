import DequeModule
import Synchronization

/// What the updates of a replica have published last, for those who read it on this node.
///
/// It is bounded: who falls too far behind is told so, and nobody else is kept waiting.
final class ChangeFeed: Sendable {
    private let keptMax: Int
    private let state = Mutex(State())

    fileprivate struct State {
        var kept: Deque<Kept> = []
        /// How many were published before the first that is kept.
        var dropped: UInt64 = 0
        /// Of this version and those before it, some may not be kept.
        var lostVersion: UInt64 = 0
        /// Readers that wait for the next.
        var waiting: [PendingReply] = []
        var failure: LockstepError?

        var publishedEver: UInt64 { dropped + UInt64(kept.count) }
    }

    fileprivate struct Kept {
        let version: UInt64
        let change: any Sendable
    }

    /// Where a reader stands.
    enum Position {
        /// Behind all changes of a version.
        case version(UInt64)
        /// Behind so many changes.
        case count(UInt64)
    }

    /// What a reader finds.
    enum Finding {
        case change(any Sendable, version: UInt64)
        case lagged(version: UInt64)
        /// Nothing yet: this is answered when there may be something.
        case wait(PendingReply)
    }

    init(kept: Int) { keptMax = kept }

    /// The position behind everything that was published so far.
    var end: Position { .count(state.withLock(\.publishedEver)) }

    // MARK: - The replica

    /// Adds a change.
    func append(_ change: any Sendable, version: UInt64) {
        let waiting = state.withLock { state in
            state.kept.append(Kept(version: version, change: change))
            if state.kept.count > keptMax {
                state.lostVersion = state.kept.removeFirst().version
                state.dropped += 1
            }
            defer { state.waiting = [] }
            return state.waiting
        }
        for reader in waiting { reader.succeed(()) }
    }

    /// The replica has been given the state of a version: what led there was not published here.
    func skip(to version: UInt64) {
        let waiting = state.withLock { state in
            // It counts as one, so that readers notice.
            state.dropped = state.publishedEver + 1
            state.kept.removeAll()
            state.lostVersion = version
            defer { state.waiting = [] }
            return state.waiting
        }
        for reader in waiting { reader.succeed(()) }
    }

    /// Nothing is published any more. Readers still get what is kept.
    func end(because error: LockstepError) {
        let waiting = state.withLock { state in
            state.failure = state.failure ?? error
            defer { state.waiting = [] }
            return state.waiting
        }
        for reader in waiting { reader.succeed(()) }
    }

    // MARK: - Readers

    /// What comes next for a reader, which is behind it then.
    func next(_ position: inout Position) throws -> Finding {
        try state.withLock { state in
            let count = state.count(at: position)
            guard count >= state.dropped else {
                position = .version(state.lostVersion)
                return .lagged(version: state.lostVersion)
            }
            position = .count(count)
            if count < state.publishedEver {
                position = .count(count + 1)
                let next = state.kept[Int(count - state.dropped)]
                return .change(next.change, version: next.version)
            }
            if let failure = state.failure { throw failure }
            state.waiting.removeAll(where: \.isAnswered)
            let reply = PendingReply(onCancel: .ends)
            state.waiting.append(reply)
            return .wait(reply)
        }
    }
}

extension ChangeFeed.State {
    /// How many changes a position is behind; less than what was dropped if some that it lacks are gone.
    fileprivate func count(at position: ChangeFeed.Position) -> UInt64 {
        switch position {
        case .count(let count):
            return count
        case .version(let version):
            guard version >= lostVersion else { return dropped - 1 }
            // The versions are in order.
            var (low, high) = (0, kept.count)
            while low < high {
                let middle = (low + high) / 2
                if kept[middle].version > version { high = middle } else { low = middle + 1 }
            }
            return dropped + UInt64(low)
        }
    }
}
