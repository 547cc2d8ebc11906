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
        /// Readers that wait for the next change of anybody.
        var waiting: [PendingReply] = []
        /// Those that wait for the next change that concerns one client.
        var waitingClients: [SessionKey: PendingReply] = [:]
        var failure: LockstepError?

        var publishedEver: UInt64 { dropped + UInt64(kept.count) }

        /// Those to tell of a change that concerns all clients, or these.
        mutating func takeWaiting(for clients: Set<SessionKey>?) -> [PendingReply] {
            defer { waiting = [] }
            guard let clients else {
                defer { waitingClients = [:] }
                return waiting + waitingClients.values
            }
            return waiting + clients.compactMap { waitingClients.removeValue(forKey: $0) }
        }
    }

    fileprivate struct Kept {
        let version: UInt64
        let change: any Sendable
        /// The clients that it concerns; nil if it concerns all.
        let clients: Set<SessionKey>?

        func concerns(_ client: SessionKey?) -> Bool {
            guard let client, let clients else { return true }
            return clients.contains(client)
        }
    }

    /// Where a reader stands.
    enum Position {
        /// Behind all changes of a version.
        case version(UInt64)
        /// Behind so many changes.
        case count(UInt64)

        /// The version whose changes are known, as far as the position says; else 0.
        var version: UInt64 { if case .version(let version) = self { version } else { 0 } }
    }

    /// What a reader finds.
    enum Finding {
        case change(any Sendable, version: UInt64)
        case lagged(version: UInt64)
        /// Nothing yet: this is answered when there may be something, with the position to look from.
        case wait(PendingReply)
    }

    init(kept: Int) { keptMax = kept }

    /// The position behind everything that was published so far.
    var end: Position { .count(state.withLock(\.publishedEver)) }

    // MARK: - The replica

    /// Adds a change, which concerns all clients, or these.
    func append(_ change: any Sendable, version: UInt64, for clients: Set<SessionKey>? = nil) {
        let (waiting, position) = state.withLock { state in
            let position = Position.count(state.publishedEver)
            state.kept.append(Kept(version: version, change: change, clients: clients))
            if state.kept.count > keptMax {
                state.lostVersion = state.kept.removeFirst().version
                state.dropped += 1
            }
            return (state.takeWaiting(for: clients), position)
        }
        // Whoever has waited was told of everything before.
        for reader in waiting { reader.succeed(position) }
    }

    /// The replica has been given the state of a version: what led there was not published here.
    func skip(to version: UInt64) {
        let waiting = state.withLock { state in
            // It counts as one, so that readers notice.
            state.dropped = state.publishedEver + 1
            state.kept.removeAll()
            state.lostVersion = version
            return state.takeWaiting(for: nil)
        }
        for reader in waiting { reader.succeed(Position.count(0)) }
    }

    /// Nothing is published any more. Readers still get what is kept.
    func end(because error: LockstepError) {
        let (waiting, position) = state.withLock { state in
            state.failure = state.failure ?? error
            return (state.takeWaiting(for: nil), Position.count(state.publishedEver))
        }
        for reader in waiting { reader.succeed(position) }
    }

    // MARK: - Readers

    /// What comes next for a reader, which is behind it then. The reader of a client is told what concerns that one.
    ///
    /// - Parameter known: The reader has everything up to this version, though this replica may not have executed it yet.
    func next(_ position: inout Position, after known: UInt64 = 0, for client: SessionKey? = nil) throws -> Finding {
        try state.withLock { state in
            var count = state.count(at: position)
            guard count >= state.dropped else {
                position = .version(state.lostVersion)
                return .lagged(version: state.lostVersion)
            }
            while count < state.publishedEver {
                let next = state.kept[Int(count - state.dropped)]
                count += 1
                position = .count(count)
                if next.version > known, next.concerns(client) { return .change(next.change, version: next.version) }
            }
            position = .count(count)
            if let failure = state.failure { throw failure }
            return .wait(state.wait(as: client))
        }
    }

    /// The reader of a client waits no longer.
    func endWait(_ reply: PendingReply, of client: SessionKey) {
        state.withLock { state in
            if state.waitingClients[client] === reply { state.waitingClients[client] = nil }
        }
        reply.fail(CancellationError())
    }
}

extension ChangeFeed.State {
    fileprivate mutating func wait(as client: SessionKey?) -> PendingReply {
        let reply = PendingReply(onCancel: .ends)
        if let client {
            // A client that has come over another connection reads there.
            waitingClients.updateValue(reply, forKey: client)?.fail(CancellationError())
        } else {
            waiting.removeAll(where: \.isAnswered)
            waiting.append(reply)
        }
        return reply
    }

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
