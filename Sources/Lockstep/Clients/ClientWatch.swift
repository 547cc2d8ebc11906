/// What a group publishes, on its way to a client that has a session with it.
final class ClientWatch {
    private let feed: ChangeFeed
    private let type: any ReplicatedActor.Type
    private let session: SessionKey
    /// What the client has of it, though perhaps from a member that was ahead of this one.
    private let known: UInt64
    private var position: ChangeFeed.Position
    /// Answered when there may be something to tell; nil if there may be already.
    private var news: PendingReply?
    /// True while there is nothing to tell.
    var isWaiting: Bool { news != nil }

    init(
        _ feed: ChangeFeed, _ type: any ReplicatedActor.Type, for session: SessionKey, after version: UInt64
    ) {
        (self.feed, self.type, self.session) = (feed, type, session)
        known = version
        position = .version(version)
    }

    deinit {
        if let news { feed.endWait(news, of: session) }
    }

    /// The next thing to tell; nil if there is none now. Then `news` is called when there may be, with what
    /// ``note(_:)`` is to be told.
    ///
    /// - Throws: ``LockstepError`` when there will be nothing more here.
    func next(news: @escaping @Sendable (PendingReply) -> Void) throws -> ClientMessage? {
        switch try feed.next(&position, after: known, for: session) {
        case .change(let change, let version):
            return .change(session, version: version, type.bytes(ofChange: change))
        case .lagged(let version):
            return .change(session, version: version, nil)
        case .wait(let reply):
            self.news = reply
            Task {
                if (try? await reply.value(as: ChangeFeed.Position.self)) != nil { news(reply) }
            }
            return nil
        }
    }

    /// There may be something to tell.
    func note(_ reply: PendingReply) {
        // It may be what another watch of the session has waited for.
        guard news === reply, let position = try? reply.outcome(as: ChangeFeed.Position.self) else { return }
        (self.position, news) = (position, nil)
    }
}

extension ReplicatedActor {
    /// What an update has published, encoded; nil if it cannot be sent: then it is as if it were missed.
    fileprivate static func bytes(ofChange change: any Sendable) -> [UInt8]? {
        guard let change = change as? Change, let bytes = try? WireWriter.bytes(of: change) else { return nil }
        return bytes.count <= ClientLimit.argumentsBytesMax ? bytes : nil
    }
}
