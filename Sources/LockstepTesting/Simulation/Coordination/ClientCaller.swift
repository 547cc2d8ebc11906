import Lockstep
import LockstepCoordination
import LockstepProtocol

/// A client outside the cluster, from when it opens its sessions until they end. It keeps what it asks for until there is an
/// answer, and asks another member for the same if one does not answer, as `ClientLoop` does.
final class ClientCaller: CoordinationCaller {
    /// What it has with one group.
    private struct Session {
        let nonce: UInt64
        var key: SessionKey?
        var next: UInt64 = 0
        /// The numbers of updates whose outcomes are awaited.
        var awaited: [UInt64] = []
        /// When the last word was sent that the group has heard.
        var heardAt: Int64
        var toldAt: Int64
        var isTelling = false
        var changes: CoordinationChanges?
        var reader: CoordinationReader?
    }

    private let index: Int
    private var sessions: [CoordinationGroup: Session] = [:]
    private var requests: [ClientRequest] = []
    private var requestsEver: UInt64 = 0
    private var line: ClientLine?
    private var isConnecting = false
    /// How many updates it has sent again.
    private(set) var retryCount = 0
    /// Whom it has left last.
    private var avoided: UInt64?

    init(_ index: Int, _ service: CoordinationService) {
        self.index = index
        super.init("client \(index)", service)
    }

    // MARK: - Beginning

    /// Opens its sessions; its users begin when both are open.
    func begin() {
        for group in CoordinationGroup.allCases {
            let nonce = service.world.random.next()
            sessions[group] = Session(nonce: nonce, heardAt: service.now, toldAt: service.now)
            submit(.open(nonce: nonce), to: group) { [self] reply in opened(group, reply) }
        }
        tick()
    }

    private func opened(_ group: CoordinationGroup, _ reply: ClientRequest.Reply) {
        guard case .answer(let answer) = reply, let nonce = sessions[group]?.nonce else { return end() }
        let key = SessionMessage.key(opened: answer.version, nonce: nonce)
        let changes = CoordinationChanges(of: group, after: answer.version, kept: service.scenario.changesKept)
        sessions[group]?.key = key
        sessions[group]?.changes = changes
        sessions[group]?.reader = changes.makeReader()
        line?.watch(group, key, after: changes.resume())
        if sessions.values.allSatisfy({ $0.key != nil }) { service.beginUsers(of: self) }
    }

    // MARK: - As its users see it

    override var runs: Bool { service.now >= service.pauses[index] }

    override var lostAt: Int64 {
        guard let session = sessions[.turns], service.flaw != .untold else { return .max }
        return session.heardAt + service.scenario.sessionTimeout * 4 / 5
    }

    override var isForgotten: Bool {
        hasEnded || service.now - (sessions[.turns]?.heardAt ?? 0) > 2 * service.scenario.sessionTimeout
    }

    override func call(_ call: CoordinationCall, _ ticket: TaskTicket, then: @escaping (Outcome) -> Void) {
        guard !hasEnded, let sequence = takeNext(call.group) else { return }
        submit(.update(service.encode(call, ticket), sequence), to: call.group) { reply in
            guard case .answer(let answer) = reply, let answer = try? call.answer(answer) else { return then(.failed) }
            then(.answered(answer))
        }
    }

    override func ask(_ query: CoordinationQuery, then: @escaping (CoordinationQuery.Answer) -> Void) {
        submit(.ask(query), to: query.group) { reply in
            if case .value(let value) = reply { then(value) }
        }
    }

    // MARK: - Requests

    private func takeNext(_ group: CoordinationGroup) -> UInt64? {
        guard let next = sessions[group]?.next else { return nil }
        sessions[group]?.next = next + 1
        sessions[group]?.awaited.append(next)
        return next
    }

    private func submit(
        _ content: ClientRequest.Content, to group: CoordinationGroup, then: @escaping (ClientRequest.Reply) -> Void
    ) {
        guard !hasEnded else { return }
        requestsEver += 1
        let request = ClientRequest(requestsEver, content, group, then)
        requests.append(request)
        send(request)
    }

    private func send(_ request: ClientRequest) {
        guard let line else { return connect() }
        let session = sessions[request.group]
        if case .update(let call, let sequence) = request.content, request.isSent {
            retryCount += 1
            if service.flaw == .newNumber, let other = takeNext(request.group) {
                sessions[request.group]?.awaited.removeAll { $0 == sequence }
                request.content = .update(call, other)
            }
        }
        (request.sentAt, request.isSent) = (service.now, true)
        let settled = session.map { $0.awaited.first ?? $0.next } ?? 0
        line.send(request, session?.key, settled: settled)
    }

    /// Something has come over a connection.
    func take(_ reply: ClientRequest.Reply, to number: UInt64, over line: ClientLine) {
        guard line === self.line, !hasEnded, let place = requests.firstIndex(where: { $0.number == number }) else {
            return
        }
        let request = requests[place]
        switch reply {
        case .refusal(let isOver):
            if isOver { return end() }
            return leave(line)
        case .failure: settle(request)
        case .answer:
            settle(request)
            noteHeard(request)
        case .value: break
        }
        requests.remove(at: place)
        request.then(reply)
    }

    private func settle(_ request: ClientRequest) {
        switch request.content {
        case .update(_, let sequence): sessions[request.group]?.awaited.removeAll { $0 == sequence }
        case .keep: sessions[request.group]?.isTelling = false
        case .open, .ask: break
        }
    }

    private func noteHeard(_ request: ClientRequest) {
        let heardAt = max(sessions[request.group]?.heardAt ?? 0, request.sentAt)
        sessions[request.group]?.heardAt = heardAt
        sessions[request.group]?.toldAt = service.now
    }

    /// A member has told of a change.
    func take(_ version: UInt64, _ bytes: [UInt8]?, of group: CoordinationGroup, over line: ClientLine) {
        guard line === self.line, !hasEnded else { return }
        service.note("\(name) is told of \(group) at version \(version)\(bytes == nil ? ", and has missed some" : "")")
        sessions[group]?.changes?.take(version, bytes)
        while !hasEnded, let (news, version) = sessions[group]?.reader?.next() {
            if group == .values { service.note(news, version: version, group: group, at: "\(name)/\(self.number)") }
            if group == .turns { take(news, version: version) }
        }
    }

    // MARK: - Connections

    private func connect() {
        guard !isConnecting, !hasEnded else { return }
        isConnecting = true
        service.after(service.world.random.pick(20...400), self) { [self] in
            isConnecting = false
            guard line == nil else { return }
            guard let desk = service.chooseMember(for: index, but: avoided) else {
                avoided = nil
                return connect()
            }
            open(ClientLine(self, desk, index))
        }
    }

    private func open(_ line: ClientLine) {
        self.line = line
        service.note("\(name) goes through \(line.desk.process.name)")
        for request in requests { send(request) }
        for group in CoordinationGroup.allCases {
            guard let session = sessions[group], let key = session.key, let changes = session.changes else { continue }
            let version =
                service.flaw == .missedNews
                ? line.desk.replicas[group]?.ordered.version ?? 0 : changes.resume()
            line.watch(group, key, after: version)
        }
    }

    /// Goes on through another member.
    func leave(_ line: ClientLine) {
        guard line === self.line else { return }
        line.breakOff()
        (self.line, avoided) = (nil, line.desk.process.record.incarnation)
        connect()
    }

    // MARK: - Time

    private func tick() {
        service.after(400, self) { [self] in
            checkTouch()
            let silence = service.world.scenario.settings.timeout
            if let line, let oldest = requests.map(\.sentAt).min(), service.now - max(oldest, line.heardAt) > silence {
                leave(line)
            }
            for (group, session) in sessions.sorted(by: { $0.key.rawValue < $1.key.rawValue }) { tell(group, session) }
            tick()
        }
    }

    private func tell(_ group: CoordinationGroup, _ session: Session) {
        guard session.key != nil, !session.isTelling,
            session.toldAt + service.scenario.sessionTimeout / 3 <= service.now
        else { return }
        sessions[group]?.isTelling = true
        submit(.keep, to: group) { _ in }
    }

    override func dissolve() {
        super.dissolve()
        (line, requests) = (nil, [])
    }

    override func end() {
        guard !hasEnded else { return }
        super.end()
        line?.breakOff()
        (line, requests) = (nil, [])
        service.noteEnd(of: self, index)
    }
}
