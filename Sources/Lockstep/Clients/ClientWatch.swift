/// What a group publishes, on its way to a client.
final class ClientWatch {
    private let group: GroupID
    private let feed: ChangeFeed
    private let type: any ReplicatedActor.Type
    private var position: ChangeFeed.Position
    /// True while there is nothing to tell.
    private(set) var isWaiting = false

    init(_ group: GroupID, _ feed: ChangeFeed, _ type: any ReplicatedActor.Type, after version: UInt64) {
        (self.group, self.feed, self.type) = (group, feed, type)
        position = .version(version)
    }

    /// The next thing to tell; nil if there is none now. Then `news` is called when there may be.
    ///
    /// - Throws: ``LockstepError`` when there will be nothing more here.
    func next(news: @escaping @Sendable () -> Void) throws -> ClientMessage? {
        switch try feed.next(&position) {
        case .change(let change, let version):
            return .change(group, version: version, type.bytes(ofChange: change))
        case .lagged(let version):
            return .change(group, version: version, nil)
        case .wait(let reply):
            isWaiting = true
            Task {
                try? await reply.value(as: Void.self)
                news()
            }
            return nil
        }
    }

    /// There may be something to tell.
    func noteNews() { isWaiting = false }
}

extension ReplicatedActor {
    /// What an update has published, encoded; nil if it cannot be sent: then it is as if it were missed.
    fileprivate static func bytes(ofChange change: any Sendable) -> [UInt8]? {
        guard let change = change as? Change, let bytes = try? WireWriter.bytes(of: change) else { return nil }
        return bytes.count <= ClientLimit.argumentsBytesMax ? bytes : nil
    }
}
