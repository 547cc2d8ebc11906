import CLockstep

/// Where a client reaches a member.
enum ClientPlace: Hashable {
    case local(ClientAddress)
    case remote(NodeAddress)
}

/// A client's connection with a member. It belongs to the client's thread.
final class ClientLink {
    /// Fewer than a member takes, so that none is refused.
    private static let requestsMax = 200

    let place: ClientPlace
    let connection: ClientConnection
    private let begunAt = lockstep_monotonic_ns()
    private(set) var member: UInt64?
    /// How long it took until the member was there, in nanoseconds.
    private(set) var distance: Int64?
    private var hasGreeted = false
    private var pingedAt: Int64 = 0
    /// When something was sent that the member has to say something to; it has if it was heard since.
    private var askedAt: Int64 = 0
    /// When something was last asked for.
    private var usedAt: Int64
    /// What the member has not answered, by number.
    private(set) var calls: [UInt64: ClientCall] = [:]

    init(_ place: ClientPlace, _ connection: ClientConnection) {
        self.place = place
        self.connection = connection
        usedAt = begunAt
    }

    /// True if calls can be sent.
    var isReady: Bool { member != nil }

    var hasRoom: Bool { calls.count < Self.requestsMax }

    /// The member has said who it is.
    func note(member: UInt64) {
        if self.member == nil { distance = lockstep_monotonic_ns() - begunAt }
        self.member = member
    }

    /// Says who the client is as soon as the member may know; false if the connection is broken.
    func greet(cluster: String, name: String) -> Bool {
        guard connection.isProven, !hasGreeted else { return true }
        hasGreeted = true
        return connection.send(.hello(cluster: cluster, name: name))
    }

    func send(_ request: ClientRequest, of call: ClientCall) -> Bool {
        calls[call.number] = call
        usedAt = lockstep_monotonic_ns()
        call.sentAt = usedAt
        call.answers = []
        noteAsked(at: usedAt)
        return connection.send(.request(call.number, request))
    }

    func end(_ number: UInt64) -> ClientCall? { calls.removeValue(forKey: number) }

    /// What was not answered, in order.
    func takeCalls() -> [ClientCall] {
        defer { calls = [:] }
        return calls.values.sorted { $0.number < $1.number }
    }

    /// True if nothing was asked for since a time, and nothing is awaited.
    func isIdle(since time: Int64) -> Bool { isReady && calls.isEmpty && usedAt < time }

    // MARK: - Whether the member is there

    private func noteAsked(at time: Int64) {
        if askedAt <= connection.heardAt { askedAt = time }
    }

    /// When the member is given up if nothing comes: it was asked, and has said nothing for so long.
    private func end(silence: Int64) -> Int64 {
        guard isReady else { return begunAt + silence }
        return askedAt > connection.heardAt ? askedAt + silence : .max
    }

    /// When to ask whether it is there: at rest less often, since there may be many clients.
    private func nextPing(silence: Int64) -> Int64 {
        guard isReady else { return .max }
        return max(connection.heardAt, pingedAt, calls.isEmpty ? 0 : askedAt) + (calls.isEmpty ? silence : silence / 3)
    }

    /// When something has to be done if nothing comes.
    func deadline(silence: Int64) -> Int64 { min(end(silence: silence), nextPing(silence: silence)) }

    /// Asks whether the member is there, if it is time to; false if it has said nothing for too long.
    func check(silence: Int64) -> Bool {
        let now = lockstep_monotonic_ns()
        guard now < end(silence: silence) else { return false }
        guard now >= nextPing(silence: silence) else { return true }
        pingedAt = now
        noteAsked(at: now)
        return connection.send(.ping)
    }
}
