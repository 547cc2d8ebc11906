import CLockstep
import Crypto
import Glibc
import Logging

/// The thread of a client: a loop that sleeps in poll until a task wants something or a member says something.
///
/// It keeps each call until there is an answer, and sends it again, with the same number, when the connection with its
/// member is lost. So nothing that waits depends on one member.
final class ClientLoop {
    private let configuration: ClientConfiguration
    private let key: SymmetricKey
    private let security: StreamSecurity
    private let orders: ClientOrders
    private let logger: Logger
    private let silence: Int64

    private var map: ClientMap
    private var links: [ClientPlace: ClientLink] = [:]
    /// What waits to be sent, in order.
    private var waiting: [ClientCall] = []
    private var callsEver: UInt64 = 0
    /// The sessions that are open.
    private var sessions: [ClientSession] = []
    /// What somebody has to mend before a member and this client can speak.
    private var flaw: LockstepError?
    private var closing: (replies: [PendingReply], deadline: Int64)?

    init(
        _ configuration: ClientConfiguration, _ key: SymmetricKey, _ security: StreamSecurity, _ orders: ClientOrders,
        _ logger: Logger
    ) {
        self.configuration = configuration
        self.key = key
        self.security = security
        self.orders = orders
        self.logger = logger
        silence = configuration.failureTimeout.nanoseconds
        map = ClientMap(cluster: configuration.cluster, seeds: configuration.seeds)
    }

    func run() {
        while true {
            let present = Array(links.values)
            var polled = [pollfd(reading: orders.wake.reader)] + present.map(\.connection.polled)
            pollDescriptors(&polled, until: nextDeadline())
            if polled[0].revents != 0 { orders.take().forEach(follow) }
            for (link, poll) in zip(present, polled.dropFirst()) where poll.revents != 0 { receive(from: link) }
            for link in links.values where !link.check(silence: silence) { close(link, "it says nothing") }
            leaveIdle()
            expire()
            tellSessions()
            sendWaiting()
            if let closing, isSilent || closing.deadline <= now() { return end(closing.replies) }
        }
    }

    /// True if nobody waits for anything.
    private var isSilent: Bool {
        waiting.isEmpty && links.values.allSatisfy { $0.calls.values.allSatisfy(\.reply.isAnswered) }
    }

    private func end(_ replies: [PendingReply]) {
        links = [:]
        for session in sessions { session.changes.feed.end(because: ClientOrders.closed) }
        for order in orders.end() {
            switch order {
            case .submit(let call): call.reply.fail(ClientOrders.closed)
            case .close(let reply): reply.succeed(())
            }
        }
        orders.wake.close()
        for reply in replies { reply.succeed(()) }
    }

    // MARK: - Orders

    private func follow(_ order: ClientOrders.Order) {
        switch order {
        case .submit(let call):
            if closing == nil { add(call) } else { call.reply.fail(ClientOrders.closed) }
        case .close(let reply):
            if closing == nil { close() }
            closing?.replies.append(reply)
        }
    }

    private func add(_ call: ClientCall) {
        callsEver += 1
        call.number = callsEver
        waiting.append(call)
    }

    /// Ends what waits, and every session in its group.
    private func close() {
        let patience = min(silence, configuration.callTimeout.nanoseconds)
        closing = ([], now().deadline(after: patience))
        for call in links.values.flatMap({ Array($0.calls.values) }) {
            call.mayHaveRun = true
            fail(call, ClientOrders.closed)
        }
        for call in waiting { fail(call, ClientOrders.closed) }
        waiting = []
        for session in sessions where session.failure == nil {
            add(ClientCall(.close, PendingReply(), in: session, deadline: now().deadline(after: patience)))
        }
    }

    // MARK: - Calls

    /// Fails a call that is not sent again.
    private func fail(_ call: ClientCall, _ error: LockstepError) {
        settle(call)
        if case .watch = call.content { call.session?.changes.feed.end(because: error) }
        let isUnknown = call.mayHaveRun && call.changesSomething && error.code != .outcomeUnknown
        call.reply.fail(isUnknown ? LockstepError.unknown(after: error) : error)
    }

    /// Nobody waits for the outcome any more.
    private func settle(_ call: ClientCall) {
        if let sequence = call.sequence { call.session?.settle(sequence) }
        guard case .keep = call.content, let session = call.session else { return }
        (session.isTelling, session.toldAt) = (false, now())
    }

    private func expire() {
        let now = now()
        for link in links.values {
            for call in link.calls.values where call.deadline <= now || call.reply.isAnswered {
                call.mayHaveRun = true
                fail(call, Self.unanswered(call))
            }
        }
        waiting.removeAll { call in
            guard call.deadline <= now || call.reply.isAnswered else { return false }
            fail(call, call.refusal ?? (call.mayHaveRun ? Self.unanswered(call) : noMember(call)))
            return true
        }
    }

    private static func unanswered(_ call: ClientCall) -> LockstepError {
        call.changesSomething
            ? LockstepError(.outcomeUnknown, "The call was sent, and no member has answered before the deadline.")
            : LockstepError(
                .noAnswer, "No member has answered before the deadline. A query changes nothing: ask again.")
    }

    private func noMember(_ call: ClientCall) -> LockstepError {
        if case .connect = call.content {
            return flaw.map {
                LockstepError(
                    .joinTimedOut, "No member of \"\(configuration.cluster)\" serves this client. \($0.message)",
                    cause: $0)
            }
                ?? LockstepError(
                    .joinTimedOut,
                    """
                    No member of the cluster "\(configuration.cluster)" was found on this host or at the seeds. Start nodes, or \
                    name other seeds.
                    """)
        }
        return LockstepError(.notExecuted, "No member could be reached before the deadline, so the call was not sent.")
    }

    private func sendWaiting() {
        guard !waiting.isEmpty else { return }
        let calls = waiting
        waiting = []
        var held: Set<ObjectIdentifier> = []
        var left: [ClientCall] = []
        // Those whose link breaks meanwhile are in `waiting` again, and nothing may overtake them on another one.
        for call in calls where !waiting.isEmpty || !trySending(call, &held) { left.append(call) }
        waiting = (left + waiting).sorted { $0.number < $1.number }
    }

    /// False if it has to wait. Updates of a session do not overtake each other.
    private func trySending(_ call: ClientCall, _ held: inout Set<ObjectIdentifier>) -> Bool {
        if case .connect = call.content {
            if let flaw, links.values.allSatisfy({ !$0.isReady }), flaw.code == .invalidConfiguration {
                fail(call, flaw)
                return true
            }
            guard links.values.contains(where: \.isReady) else {
                explore()
                return false
            }
            call.reply.succeed(())
            return true
        }
        guard let session = call.session else { preconditionFailure("a call must belong to a session") }
        if let failure = session.failure {
            fail(call, failure)
            return true
        }
        if session.key == nil, !call.opens {
            // It was never open.
            fail(call, ClientOrders.closed)
            return true
        }
        let id = ObjectIdentifier(session)
        if call.isUpdate && held.contains(id) { return false }
        guard call.retryAt <= now(), call.sequence != nil || !call.isUpdate || session.hasRoom,
            let link = chooseLink(for: call, session), link.hasRoom
        else {
            if call.isUpdate { held.insert(id) }
            return false
        }
        if call.isUpdate, call.sequence == nil { call.sequence = session.takeNext() }
        if !link.send(call.request(session, configuration), of: call) { close(link, "it does not read") }
        return true
    }

    private func chooseLink(for call: ClientCall, _ session: ClientSession) -> ClientLink? {
        if session.policy.comparesDistances { map.members.forEach { _ = reach($0) } }
        let able = map.members.filter { member in
            call.target.map { member.incarnation == $0 } ?? !call.avoided.contains(member.incarnation)
        }
        session.turn += 1
        let candidates = able.map { member in
            MemberPolicy.Candidate(
                name: member.name, rank: member.rank, isOnThisHost: map.isOnThisHost(member),
                distance: map.place(of: member).flatMap { links[$0]?.distance })
        }
        // Who is called by name need not be whom the policy would choose.
        let policy = call.target != nil ? .first : session.policy
        for place in policy.order(candidates, turn: session.turn) {
            switch reach(able[place]) {
            case .ready(let link): return link
            case .connecting: return nil
            case .unreachable: continue
            }
        }
        if able.isEmpty, !call.avoided.isEmpty {
            // All have said that they cannot: that may pass.
            (call.avoided, call.retryAt) = ([], now() + ClientMap.pauseMin)
        } else if let target = call.target, able.isEmpty, map.isKnown {
            call.refusal = LockstepError(
                .notReplica,
                "The member \(target) is not in the cluster any more, so nothing was sent. Call another member.")
            call.retryAt = call.deadline
        } else {
            explore()
        }
        return nil
    }

    // MARK: - Links

    private enum Reach {
        case ready(ClientLink)
        case connecting
        case unreachable
    }

    private func reach(_ member: View.Member) -> Reach {
        guard let place = map.place(of: member) else { return .unreachable }
        if let link = links[place] { return link.isReady ? .ready(link) : .connecting }
        return connect(to: place) ? .connecting : .unreachable
    }

    /// Looks for anybody, as long as there is nobody.
    private func explore() {
        let attemptsMax = 3
        guard links.values.allSatisfy({ !$0.isReady }) else { return }
        for place in map.leads() where links.count < attemptsMax && links[place] == nil {
            _ = connect(to: place)
        }
    }

    /// False if it has to wait for another attempt.
    private func connect(to place: ClientPlace) -> Bool {
        guard !map.rests(place) else { return false }
        guard let socket = makeSocket(to: place) else {
            map.noteFailure(of: place)
            return false
        }
        let address: String? = if case .local(let address) = place { address.text } else { nil }
        links[place] = ClientLink(
            place,
            ClientConnection(
                socket, as: .caller, at: ClientConnection.place(of: address, in: configuration.cluster), key: key))
        return true
    }

    private func makeSocket(to place: ClientPlace) -> (any ControlSocket)? {
        switch place {
        case .local(let address):
            guard case .success(let socket) = LocalSocket.connect(to: address.text),
                let owner = try? socket.peer(), owner.user == getuid()
            else { return nil }
            return socket
        case .remote(let address):
            return try? StreamEndpoint.connect(to: address, for: .clients, security)
        }
    }

    /// Ends the connections that nothing is asked for over, but for one: a member has room for so many clients.
    private func leaveIdle() {
        // Who compares distances keeps what it has measured.
        guard links.count > 1, !sessions.contains(where: \.policy.comparesDistances) else { return }
        let time = now() - 3 * silence
        for link in links.values where links.count > 1 && link.isIdle(since: time) {
            guard !sessions.contains(where: { $0.watchLink === link }) else { continue }
            links[link.place] = nil
            link.connection.close()
        }
    }

    private func receive(from link: ClientLink) {
        guard link.connection.flush() else { return close(link, "its connection is broken") }
        while links[link.place] === link {
            let arrival = link.connection.receive()
            guard link.greet(cluster: configuration.cluster, name: configuration.name) else {
                return close(link, "its connection is broken")
            }
            switch arrival {
            case .nothing: return
            case .message(let message): understand(message, from: link)
            case .end(let flaw): return close(link, flaw.map { describe($0) } ?? link.connection.socket?.flaw)
            }
        }
    }

    private func describe(_ flaw: ControlFlaw) -> String {
        switch flaw {
        case .otherKey:
            self.flaw = LockstepError(
                .invalidConfiguration,
                "The cluster \"\(configuration.cluster)\" has another key than this client: give it the same one.")
            return "its key is another"
        case .otherVersion(let theirs):
            self.flaw = LockstepError(
                .incompatible,
                """
                A member speaks version \(theirs) of the messages, and this client version \(ControlLimit.wireVersion): run one \
                release of Lockstep.
                """)
            return "it speaks version \(theirs) of the messages"
        case .malformed(let flaw): return "its message cannot be read: \(flaw)"
        }
    }

    private func understand(_ message: ClientMessage, from link: ClientLink) {
        switch message {
        case .members(let view, let speaker, let members):
            if links.values.allSatisfy({ !$0.isReady }) { map.forget() }
            link.note(member: speaker)
            flaw = nil
            map.noteSuccess(of: link.place)
            if map.take(members, of: view, on: link.place, speaker) { noteView() }
        case .answer(let number, let answer):
            if let call = link.end(number) { finish(call, answer, link) }
        case .refusal(let number, let code, let sentence):
            if let call = link.end(number) { note(LockstepError(LockstepError.Code(code), sentence), of: call, link) }
        case .said(let number, let rank, let node, let outcome):
            let answer = EncodedAnswer { () throws(LockstepError) in try outcome.value }
            link.calls[number]?.answers.append((View.Member(node, rank: rank), answer))
        case .change(let key, let version, let bytes):
            for session in sessions where session.key == key && session.watchLink === link {
                session.changes.take(version, bytes)
            }
        case .reject(let sentence):
            flaw = flaw ?? LockstepError(.rendezvousFailed, sentence)
            close(link, sentence)
        case .pong: break
        default: close(link, "its message does not come at this time")
        }
    }

    /// Members that are gone may not know it yet.
    private func noteView() {
        orders.note(map.all)
        let present = Set(map.all.map(\.incarnation))
        for link in links.values {
            if let member = link.member, !present.contains(member) { close(link, "it is not in the view") }
        }
    }

    private func close(_ link: ClientLink, _ reason: String?) {
        guard links[link.place] === link else { return }
        links[link.place] = nil
        if let flaw = link.connection.socket?.flaw { self.flaw = LockstepError(.invalidConfiguration, flaw) }
        link.connection.close()
        map.noteFailure(of: link.place)
        logger.debug(
            "a connection with a member has ended", metadata: ["at": "\(link.place)", "because": "\(reason ?? "")"])
        for call in link.takeCalls() {
            call.mayHaveRun = true
            if call.mayBeSentAgain {
                waiting.append(call)
            } else {
                fail(
                    call,
                    LockstepError(.outcomeUnknown, "The member has gone before it answered; the call may have run."))
            }
        }
        waiting.sort { $0.number < $1.number }
        for session in sessions where session.watchLink === link { watch(session) }
    }

    private func watch(_ session: ClientSession) {
        session.watchLink = nil
        if closing == nil, session.failure == nil {
            add(ClientCall(.watch, PendingReply(), in: session, deadline: .max))
        }
    }

    // MARK: - Answers

    private func finish(_ call: ClientCall, _ answer: ClientAnswer, _ link: ClientLink) {
        settle(call)
        if let session = call.session {
            if answer.version > 0 { session.changes.note(version: answer.version) }
            if call.renews { session.note(heard: call.sentAt) }
            switch call.content {
            case .open(let nonce):
                // Nobody may want it any more: then it ends by itself.
                guard !call.reply.isAnswered else { return }
                session.key = SessionKey(opened: answer.version, nonce: nonce)
                session.toldAt = now()
                sessions.append(session)
            case .update: session.toldAt = now()
            case .watch: session.watchLink = link
            case .close: end(session, ClientOrders.closed)
            case .ask(let question) where question.target == .all: return call.reply.succeed(call.answers)
            case .connect, .ask, .keep: break
            }
        }
        call.reply.succeed(answer)
    }

    private func note(_ error: LockstepError, of call: ClientCall, _ link: ClientLink) {
        if error.code == .sessionExpired, let session = call.session { end(session, error) }
        let mayHaveRun = error.code == .outcomeUnknown
        guard error.mayGoWellElsewhere, call.target == nil, call.mayBeSentAgain || !mayHaveRun else {
            return fail(call, error)
        }
        if mayHaveRun { call.mayHaveRun = true }
        call.refusal = error
        if let member = link.member { call.avoided.insert(member) }
        waiting.append(call)
    }

    private func end(_ session: ClientSession, _ error: LockstepError) {
        session.failure = session.failure ?? error
        session.changes.feed.end(because: error)
        sessions.removeAll { $0 === session }
    }

    // MARK: - Time

    /// Tells the groups that the client is there, before its sessions end.
    private func tellSessions() {
        guard closing == nil else { return }
        let interval = configuration.sessionTimeout.nanoseconds / 3
        for session in sessions where session.failure == nil && !session.isTelling && session.toldAt + interval <= now()
        {
            session.isTelling = true
            let deadline = configuration.sessionTimeout.deadline
            add(ClientCall(.keep, PendingReply(), in: session, deadline: deadline))
        }
    }

    private func nextDeadline() -> Int64? {
        let present = now()
        var deadlines = links.values.map { $0.deadline(silence: silence) }
        for link in links.values {
            deadlines += link.calls.values.lazy.filter { !$0.reply.isAnswered }.map(\.deadline)
        }
        for call in waiting {
            deadlines.append(call.deadline)
            // Somebody may be reached then.
            deadlines.append(max(call.retryAt, present + ClientMap.pauseMin))
        }
        let interval = configuration.sessionTimeout.nanoseconds / 3
        for session in sessions where session.failure == nil && !session.isTelling {
            deadlines.append(session.toldAt + interval)
        }
        if let closing { deadlines.append(closing.deadline) }
        return deadlines.min()
    }
}

extension LockstepError {
    /// True if another member may do what this one did not.
    fileprivate var mayGoWellElsewhere: Bool {
        let codes: [Code] = [
            .groupNotHosted, .notReplica, .notSender, .notMember, .excluded, .outcomeUnknown, .notExecuted, .noAnswer,
            .groupNotActive,
        ]
        return codes.contains(code)
    }
}

extension ClientCall {
    fileprivate var opens: Bool {
        if case .open = content { true } else { false }
    }

    /// True if the group keeps the session for longer once it has run.
    fileprivate var renews: Bool {
        switch content {
        case .open, .update, .keep: true
        case .connect, .ask, .watch, .close: false
        }
    }

    private var question: ClientQuestion? {
        if case .ask(let question) = content { question } else { nil }
    }

    /// The one member that it is for.
    fileprivate var target: UInt64? {
        if case .one(let member)? = question?.target { member } else { nil }
    }

    /// True if it matters whether it has run.
    fileprivate var changesSomething: Bool { isUpdate || question?.isQuery == false }

    /// True if it does no harm that it may have come to a member before: the replicas know updates again.
    fileprivate var mayBeSentAgain: Bool { target == nil && question?.isQuery != false }

    /// What a member is asked for.
    fileprivate func request(_ session: ClientSession, _ configuration: ClientConfiguration) -> ClientRequest {
        let patience = max(0, deadline - now())
        switch content {
        case .connect: preconditionFailure("a connection is no request")
        case .open(let nonce):
            return .open(
                session.group, nonce: nonce, timeout: configuration.sessionTimeout.nanoseconds, schema: session.schema)
        case .update(let method, let arguments):
            guard let key = session.key, let sequence else { preconditionFailure("an update must be one of a session") }
            let id = ClientCallID(session: key, sequence: sequence, settled: session.settled)
            return .update(
                session.group, id, patience: patience, method: method, baggage: baggage ?? [], arguments: arguments)
        case .ask(let question):
            var call = CallArguments()
            call.begin(question.method, as: .askedQuery, question: number, baggage: baggage)
            call.add(encodedBytes: question.arguments)
            // There must be time to tell who of all has not answered.
            let asksAll = question.target == .all
            let bytes = MemberCallBytes(
                group: session.group, view: 0, way: question.way, patience: asksAll ? patience / 4 * 3 : patience,
                payload: call.bytes)
            return asksAll ? .all(bytes) : .query(bytes)
        case .watch, .keep, .close:
            guard let key = session.key else { preconditionFailure("a session must be open before it goes on") }
            if case .watch = content { return .watch(session.group, key, after: session.changes.resume()) }
            if case .keep = content { return .keep(session.group, key) }
            return .close(session.group, key)
        }
    }
}
