import Lockstep
import LockstepCoordination
import LockstepProtocol

/// Something that a client wants of a member, until it has it.
final class ClientRequest {
    enum Content {
        case open(nonce: UInt64)
        /// An update, with its number in the session.
        case update(EncodedCall, UInt64)
        case ask(CoordinationQuery)
        case keep
    }

    enum Reply {
        case answer(DetachedAnswer)
        case value(CoordinationQuery.Answer)
        /// It will not be answered any more.
        case failure
        /// This member cannot, or the session is over.
        case refusal(isOver: Bool)
    }

    let number: UInt64
    var content: Content
    let group: CoordinationGroup
    let then: (Reply) -> Void
    var isSent = false
    /// When it was sent last.
    var sentAt: Int64 = 0

    init(_ number: UInt64, _ content: Content, _ group: CoordinationGroup, _ then: @escaping (Reply) -> Void) {
        (self.number, self.content, self.group, self.then) = (number, content, group, then)
    }
}

/// A client's connection with a member: what is sent comes in order, as long as neither end is cut off.
final class ClientLine {
    /// A request as it comes to the member.
    private struct Arrival {
        let number: UInt64
        let content: ClientRequest.Content
        let group: CoordinationGroup
        let key: SessionKey?
        let settled: UInt64
    }

    let desk: MemberDesk
    private weak var client: ClientCaller?
    let index: Int
    private unowned let service: CoordinationService
    private(set) var isOpen = true
    /// When the client has heard of the member last.
    private(set) var heardAt: Int64
    private var inbox: [Arrival] = []
    private var watches: [CoordinationGroup: CoordinationWatch] = [:]
    private var lastArrivals: [Int64] = [0, 0]
    private var unread: [(ClientLine) -> Void] = []

    init(_ client: ClientCaller, _ desk: MemberDesk, _ index: Int) {
        (self.client, self.desk, self.index, service) = (client, desk, index, client.service)
        heardAt = service.now
        desk.lines.append(self)
    }

    /// Nothing comes through any more.
    func breakOff() {
        isOpen = false
        desk.lines.removeAll { $0 === self }
    }

    // MARK: - To the member

    func send(_ request: ClientRequest, _ key: SessionKey?, settled: UInt64) {
        let arrival = Arrival(
            number: request.number, content: request.content, group: request.group, key: key, settled: settled)
        travel(0) { line in
            line.inbox.append(arrival)
            line.desk.process.wake()
        }
    }

    func watch(_ group: CoordinationGroup, _ key: SessionKey, after version: UInt64) {
        travel(0) { line in
            line.watches[group] = line.desk.replicas[group]?.makeWatch(for: key, after: version)
            line.desk.process.wake()
        }
    }

    private func travel(_ direction: Int, _ body: @escaping (ClientLine) -> Void) {
        guard isOpen, !service.isCut(index) else { return }
        let time = max(service.now + Int64(service.world.random.pick(10...150)), lastArrivals[direction])
        lastArrivals[direction] = time
        service.world.clock.schedule(at: time) { [weak self] in
            guard let self, isOpen, !service.isCut(index) else { return }
            direction == 0 ? body(self) : arrive(body)
        }
    }

    /// A client that is stopped reads what has come when it goes on.
    private func arrive(_ body: @escaping (ClientLine) -> Void) {
        let end = service.pauses[index]
        guard !unread.isEmpty || service.now < end else { return body(self) }
        unread.append(body)
        if unread.count == 1 { readLater(at: end) }
    }

    private func readLater(at time: Int64) {
        service.world.clock.schedule(at: time) { [weak self] in
            guard let self, isOpen else { return }
            guard service.now >= service.pauses[index] else { return readLater(at: service.pauses[index]) }
            let bodies = unread
            unread = []
            for body in bodies where isOpen { body(self) }
        }
    }

    // MARK: - At the member

    /// Begins with what has come.
    func serve() {
        let arrivals = inbox
        inbox = []
        for arrival in arrivals where isOpen { begin(arrival) }
    }

    private func begin(_ arrival: Arrival) {
        guard desk.serves else { return answer(.refusal(isOver: false), to: arrival.number) }
        switch arrival.content {
        case .open(let nonce):
            let timeout = ClusterWorld.stamp(service.scenario.sessionTimeout)
            order(.open(nonce: nonce, timeout: timeout), arrival)
        case .keep: arrival.key.map { order(.alive($0), arrival) }
        case .update(let call, let sequence):
            guard let key = arrival.key else { return }
            order(call.message(of: key, sequence, settled: arrival.settled, stamp: desk.stamp), arrival)
        case .ask(let query):
            desk.ask(query) { [weak self] in self?.answer(.value($0), to: arrival.number) }
        }
    }

    private func order(_ message: SessionMessage, _ arrival: Arrival) {
        guard let message = try? message.message(stamp: desk.stamp) else { return }
        order(message, arrival)
    }

    private func order(_ message: [UInt8], _ arrival: Arrival) {
        desk.send(message, to: arrival.group) { [weak self] reply in
            self?.answer(Self.reply(reply), to: arrival.number)
        }
    }

    private static func reply(_ reply: DetachedReply) -> ClientRequest.Reply {
        do {
            return .answer(try reply.answer())
        } catch let error as LockstepError where error.code == .sessionExpired {
            return .refusal(isOver: true)
        } catch let error as LockstepError where error.code == .notExecuted {
            return .refusal(isOver: false)
        } catch {
            return .failure
        }
    }

    private func answer(_ reply: ClientRequest.Reply, to number: UInt64) {
        travel(1) { line in
            line.heardAt = line.service.now
            line.client?.take(reply, to: number, over: line)
        }
    }

    /// Tells what was published.
    func tell(_ desk: MemberDesk) {
        for group in CoordinationGroup.allCases {
            while let (version, bytes) = watches[group]?.next() {
                travel(1) { $0.client?.take(version, bytes, of: group, over: $0) }
            }
        }
    }
}
