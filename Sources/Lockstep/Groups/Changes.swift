/// What the updates of a group publish, as this node's replica executes them. It ends with an error when the node is out
/// of the cluster.
///
/// ```swift
/// for try await news in inventory.group.changes {
///     switch news {
///     case .change(let change, let version): print("\(version): \(change)")
///     case .lagged(let version): print("something up to \(version) was missed")
///     }
/// }
/// ```
public struct Changes<Replica: ReplicatedActor>: AsyncSequence, Sendable {
    let feed: ChangeFeed
    let start: ChangeFeed.Position

    /// Reads from where the sequence begins.
    public func makeAsyncIterator() -> Iterator { Iterator(feed: feed, position: start, known: start.version) }

    /// Reads what is published, one after the other.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let feed: ChangeFeed
        fileprivate var position: ChangeFeed.Position
        fileprivate let known: UInt64

        /// Waits for the next change. It is never nil.
        ///
        /// - Throws: ``LockstepError`` when nothing more is delivered here, or `CancellationError`.
        public nonisolated(nonsending) mutating func next() async throws -> Publication<Replica.Change>? {
            while true {
                switch try feed.next(&position, after: known) {
                case .change(let change, let version):
                    guard let change = change as? Replica.Change else {
                        preconditionFailure("a group must publish changes of its own type")
                    }
                    return .change(change, version: version)
                case .lagged(let version):
                    return .lagged(version: version)
                case .wait(let reply):
                    position = try await reply.value()
                }
            }
        }
    }
}

/// What a reader of ``Group/changes`` gets.
public enum Publication<Change: Sendable>: Sendable {
    /// An update has published this. Its ``UpdateContext/version`` is the same on all members; one update may publish
    /// several changes.
    case change(Change, version: UInt64)
    /// The reader was too slow, or has asked for what this node never had: some changes of this version and of those
    /// before are missing. The next ones are of later versions; the state, asked now, has all of it.
    case lagged(version: UInt64)
}

extension Publication: Equatable where Change: Equatable {}

extension Group {
    /// What updates publish on this node from now on: from when this is asked, not from when it is read.
    ///
    /// In a client it is what comes behind the last update whose result it has, and then goes on though members die.
    public var changes: Changes<Replica> {
        let feed =
            switch way {
            case .member(let channel): channel.current.queue.changes
            case .client(let client): client.watch()
            }
        return Changes(feed: feed, start: feed.end)
    }

    /// The same, beginning behind a version that was read before, here or at another member.
    ///
    /// This node keeps the last changes (``GroupOptions/changesKept``). If some that come behind that version are not
    /// kept, the first element is ``Publication/lagged(version:)``.
    public func changes(after version: UInt64) -> Changes<Replica> {
        let feed =
            switch way {
            case .member(let channel): channel.current.queue.changes
            case .client(let client): client.watch(after: version)
            }
        return Changes(feed: feed, start: .version(version))
    }
}

extension ReplicatedActor {
    /// Publishes something for those who read ``Group/changes``: on every member, at the place of this update.
    ///
    /// ```swift
    /// distributed func close() {
    ///     isOpen = false
    ///     publish(.closed)
    /// }
    /// ```
    ///
    /// The actor's type `Change` says what it may be. It is no state: it is kept for a while where it was published, and is
    /// in no snapshot. Only an update may publish.
    public func publish(_ change: Change) { actorSystem.publish(change) }

    /// Publishes something that concerns only these clients: no others are told of it. All who read on members are.
    ///
    /// ```swift
    /// distributed func free(_ seat: Int) {
    ///     guard let next = waiting[seat]?.popFirst() else { return }
    ///     holders[seat] = next
    ///     publish(.given(seat), to: [next])
    /// }
    /// ```
    ///
    /// - Parameter clients: Their sessions, as ``UpdateContext/client`` says them.
    public func publish(_ change: Change, to clients: Set<SessionKey>) { actorSystem.publish(change, to: clients) }
}
