/// One message between a client and a member of the cluster. `docs/clients.md` has the bytes.
enum ClientMessage: Hashable, Sendable {
    /// First in both directions.
    case handshake(HandshakeMessage)
    /// The client says who it is.
    case hello(cluster: String, name: String)
    /// The member does not serve the client, and ends the connection.
    case reject(sentence: String)
    /// Who is in the cluster, and which of them speaks; at the beginning, and at each view.
    case members(view: UInt64, speaker: UInt64, [MeshNode])
    /// Something that the member is to do and to answer.
    case request(UInt64, ClientRequest)
    /// What it came to.
    case answer(UInt64, ClientAnswer)
    /// The member has not done it, or cannot tell.
    case refusal(UInt64, code: String, sentence: String)
    /// What the replica of one member has said, if all were asked; when all have, an empty answer follows.
    case said(UInt64, rank: Int, MeshNode, ClientOutcome)
    /// What an update has published, for the session that watches its group; nil if some of this version and of those before
    /// it is missing.
    case change(SessionKey, version: UInt64, [UInt8]?)
    /// Whether the other side is there.
    case ping
    case pong

    /// The number that says on the wire which message it is.
    enum Kind: UInt8 {
        case handshake = 1
        case hello, reject, members, request, answer, refusal, change, lag, ping, pong, said
    }
}

/// Something that a member does for a client.
enum ClientRequest: Hashable, Sendable {
    /// Opens a session with a group, if the client's actor goes together with the group's: this is its schema, encoded.
    case open(GroupID, nonce: UInt64, timeout: Int64, schema: [UInt8])
    /// Runs an update, once. It is given up after so many nanoseconds; the arguments are encoded, and so is what travels
    /// with them for those who trace it (``CallBaggage``), if anything does.
    case update(GroupID, ClientCallID, patience: Int64, method: UInt32, baggage: [UInt8], arguments: [UInt8])
    /// Asks for something that changes nothing, as one member asks another (``MemberCallBytes``).
    case query(MemberCallBytes)
    /// Asks every replica for something that is no update.
    case all(MemberCallBytes)
    /// Says from now on what the group publishes behind a version that concerns the client, for as long as there is this
    /// connection.
    case watch(GroupID, SessionKey, after: UInt64)
    /// The client is still there.
    case keep(GroupID, SessionKey)
    /// It needs the session no more.
    case close(GroupID, SessionKey)

    enum Kind: UInt8 {
        case open = 1
        case update, query, watch, keep, close, all
    }

    var group: GroupID {
        switch self {
        case .open(let group, _, _, _), .update(let group, _, _, _, _, _), .watch(let group, _, _), .keep(let group, _),
            .close(let group, _):
            group
        case .query(let call), .all(let call): call.group
        }
    }
}

/// What bounds clients.
enum ClientLimit {
    /// The bytes of a client's arguments, and of what it publishes.
    static let argumentsBytesMax = 60_000
    /// The bytes that travel with a call for those who trace it; more stay behind.
    static let baggageBytesMax = 4096
    /// What one connection may have unanswered; clients keep below it.
    static let requestsMax = 256
    /// The sessions by which one connection may watch groups.
    static let watchesMax = 1024
    /// A member has no more clients at a time.
    static let connectionsMax = 1024
    /// How long a client may say nothing, in nanoseconds.
    static let silenceNanoseconds: Int64 = 60_000_000_000
    /// What waits for a client that does not read, before it is told of no more changes.
    static let changesBytesMax = 1 << 18
}
