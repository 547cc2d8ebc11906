/// What a group publishes, on its way to a client.
final class ClientWatch {
    private let group: GroupID
    private let feed: ChangeFeed
    private let type: any ReplicatedActor.Type
    private let session: SessionKey
    private var position: ChangeFeed.Position
    /// Answered when there may be something to tell; nil if there may be already.
    private var news: PendingReply?
    /// True while there is nothing to tell.
    var isWaiting: Bool { news != nil }

    init(
        _ group: GroupID, _ feed: ChangeFeed, _ type: any ReplicatedActor.Type, for session: SessionKey,
        after version: UInt64
    ) {
        (self.group, self.feed, self.type, self.session) = (group, feed, type, session)
        position = .version(version)
    }

    deinit {
        if let news { feed.endWait(news, of: session) }
    }

    /// The next thing to tell; nil if there is none now. Then `news` is called when there may be, with where to look.
    ///
    /// - Throws: ``LockstepError`` when there will be nothing more here.
    func next(news: @escaping @Sendable (ChangeFeed.Position) -> Void) throws -> ClientMessage? {
        switch try feed.next(&position, for: session) {
        case .change(let change, let version):
            return .change(group, version: version, type.bytes(ofChange: change))
        case .lagged(let version):
            return .change(group, version: version, nil)
        case .wait(let reply):
            self.news = reply
            Task {
                if let position = try? await reply.value(as: ChangeFeed.Position.self) { news(position) }
            }
            return nil
        }
    }

    /// There may be something to tell.
    func noteNews(at position: ChangeFeed.Position) { (self.position, news) = (position, nil) }
}

extension ReplicatedActor {
    /// What an update has published, encoded; nil if it cannot be sent: then it is as if it were missed.
    fileprivate static func bytes(ofChange change: any Sendable) -> [UInt8]? {
        guard let change = change as? Change, let bytes = try? WireWriter.bytes(of: change) else { return nil }
        return bytes.count <= ClientLimit.argumentsBytesMax ? bytes : nil
    }
}
