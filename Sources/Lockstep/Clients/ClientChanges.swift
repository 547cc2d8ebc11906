import Synchronization

/// What a group publishes, as it comes to a client: each change once, through whichever members.
final class ClientChanges: Sendable {
    let feed: ChangeFeed
    private let decode: @Sendable ([UInt8]) throws -> any Sendable
    private let state = Mutex(State())

    private struct State {
        /// The version up to which the client knows the group.
        var version: UInt64 = 0
        /// The last change that came: its version, and how many of that version there were.
        var last: (version: UInt64, count: Int)?
        /// How many of the next ones have come already.
        var skipped = 0
    }

    init(_ feed: ChangeFeed, decode: @escaping @Sendable ([UInt8]) throws -> any Sendable) {
        self.feed = feed
        self.decode = decode
    }

    /// An answer has come from this version.
    func note(version: UInt64) { state.withLock { $0.version = max($0.version, version) } }

    /// From now on everything is wanted that comes behind a version: by default, the one that the client knows.
    func begin(after version: UInt64?) {
        state.withLock { state in state.last = state.last ?? (version ?? state.version, .max) }
    }

    /// Behind which version a member has to begin.
    func resume() -> UInt64 {
        state.withLock { state in
            guard let last = state.last, last.version > 0, last.count < .max else {
                return state.last?.version ?? state.version
            }
            // Of the last version, there may be more than has come.
            state.skipped = last.count
            return last.version - 1
        }
    }

    /// A change has come; nil if some are missing up to a version.
    func take(_ version: UInt64, _ bytes: [UInt8]?) {
        guard let bytes, let change = try? decode(bytes) else {
            state.withLock { state in
                state.last = (version, .max)
                state.skipped = 0
            }
            return feed.skip(to: version)
        }
        let isNew = state.withLock { state in
            if let last = state.last, last.count < .max, version == last.version {
                if state.skipped > 0 {
                    state.skipped -= 1
                    return false
                }
                state.last = (version, last.count + 1)
            } else {
                state.last = (version, 1)
                state.skipped = 0
            }
            return true
        }
        if isNew { feed.append(change, version: version) }
    }
}
