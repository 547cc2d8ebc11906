import Synchronization

/// Something that a client wants of a member, until it has it.
final class ClientCall: @unchecked Sendable {
    // Unchecked because after it was submitted the client's thread alone looks at what varies.

    enum Content {
        /// There is a member.
        case connect
        case open(nonce: UInt64)
        case update(method: UInt32, arguments: [UInt8])
        case ask(ClientQuestion)
        case watch
        case keep
        case close
    }

    let content: Content
    /// What travels with it for those who trace it.
    let baggage = CallBaggage.current(upTo: ClientLimit.baggageBytesMax)
    let reply: PendingReply
    let deadline: Int64
    /// The session that it belongs to.
    let session: ClientSession?
    /// Its place among all calls of the client.
    var number: UInt64 = 0
    /// That of an update in its session.
    var sequence: UInt64?
    /// When it was sent last.
    var sentAt: Int64 = 0
    /// True if it may have run, though nobody has said so.
    var mayHaveRun = false
    /// What members have said, if all are asked.
    var answers: [MemberAnswer] = []
    /// Members that cannot do it.
    var avoided: Set<UInt64> = []
    var retryAt: Int64 = 0
    /// Why it was not done at the last attempt.
    var refusal: LockstepError?

    init(_ content: Content, _ reply: PendingReply, in session: ClientSession? = nil, deadline: Int64) {
        self.content = content
        self.reply = reply
        self.session = session
        self.deadline = deadline
    }

    var isUpdate: Bool {
        if case .update = content { true } else { false }
    }
}

/// A query or a direct method, and where it runs.
struct ClientQuestion {
    enum Target: Equatable {
        /// At the client's member, for a query alone.
        case any
        /// At the member of an incarnation.
        case one(UInt64)
        case all
    }

    let target: Target
    let isQuery: Bool
    let way: QueryWay
    let method: UInt32
    /// Encoded, without the header that says which method it is.
    let arguments: [UInt8]
}

/// A session of this client with a group. Behind its names, the client's thread alone looks at it.
final class ClientSession: @unchecked Sendable {
    let group: GroupID
    let policy: MemberPolicy
    /// Encoded.
    let schema: [UInt8]
    /// Takes what the group publishes.
    let changes: ClientChanges

    /// Nil until it is open.
    var key: SessionKey?
    /// Why no calls can be made any more.
    var failure: LockstepError?
    var turn = 0
    /// The number of the next update.
    var next: UInt64 = 0
    /// Those whose outcomes are awaited.
    private(set) var awaited: [UInt64] = []
    /// When the group was last told that the client is there.
    var toldAt: Int64 = 0
    var isTelling = false
    /// Over which the group tells what it publishes.
    weak var watchLink: ClientLink?
    /// When the last word of the client was sent that the group has heard. Any task looks at it.
    private let heardAt = Atomic<Int64>(0)

    init(_ group: GroupID, _ policy: MemberPolicy, schema: [UInt8], changes: ClientChanges) {
        self.group = group
        self.policy = policy
        self.schema = schema
        self.changes = changes
    }

    /// For how long the group may not have heard of the client.
    var silence: Int64 { max(0, now() - heardAt.load(ordering: .acquiring)) }

    /// The group has heard what was sent at a time.
    func note(heard time: Int64) { heardAt.store(max(time, heardAt.load(ordering: .relaxed)), ordering: .releasing) }

    /// Below this, no outcome is awaited.
    var settled: UInt64 { awaited.first ?? next }

    /// True if another update may be sent.
    var hasRoom: Bool { next - settled < ClientSessions.windowMax }

    func takeNext() -> UInt64 {
        defer { next += 1 }
        awaited.append(next)
        return next
    }

    func settle(_ sequence: UInt64) {
        if let place = awaited.firstIndex(of: sequence) { awaited.remove(at: place) }
    }
}

/// What the tasks of a client tell its thread.
final class ClientOrders: Sendable {
    enum Order: Sendable {
        case submit(ClientCall)
        /// Ends everything, and then answers.
        case close(PendingReply)
    }

    let wake: PollWake
    private let state = Mutex(State())

    private struct State {
        var orders: [Order] = []
        var members: [View.Member] = []
        var hasEnded = false
    }

    init(wake: PollWake) { self.wake = wake }

    var members: [View.Member] { state.withLock(\.members) }

    func give(_ order: Order) {
        let hasEnded = state.withLock { state in
            if !state.hasEnded { state.orders.append(order) }
            return state.hasEnded
        }
        guard hasEnded else { return wake.wake() }
        switch order {
        case .submit(let call): call.reply.fail(Self.closed)
        case .close(let reply): reply.succeed(())
        }
    }

    // MARK: - For the thread

    func take() -> [Order] {
        wake.clear()
        return state.withLock { state in
            defer { state.orders = [] }
            return state.orders
        }
    }

    func note(_ members: [View.Member]) { state.withLock { $0.members = members } }

    /// Nothing more is done; returns what was not taken.
    func end() -> [Order] {
        state.withLock { state in
            state.hasEnded = true
            defer { state.orders = [] }
            return state.orders
        }
    }

    static let closed = LockstepError(.clientClosed, "The client is closed. Connect another one to go on.")
}
