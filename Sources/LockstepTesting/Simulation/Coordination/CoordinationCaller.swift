import LockstepCoordination
import LockstepProtocol

/// Somebody on whose behalf users ask for something: a member, or a client, as long as the replicas know it.
class CoordinationCaller {
    enum Outcome {
        case answered(CoordinationAnswer)
        /// It threw, or nobody knows.
        case failed
    }

    let name: String
    unowned let service: CoordinationService
    let number: UInt64
    var users: [CoordinationUser] = []
    private(set) var hasEnded = false
    private var ticketsEver: UInt64 = 0
    private var turns: [UInt64: CoordinationTurn] = [:]
    private var holds: [UInt64: CoordinationHold] = [:]
    /// What is given back until that is done.
    private(set) var returnsLeft = 0
    /// The last version of the turns of which it has seen what was published.
    private(set) var knownVersion: UInt64 = 0

    init(_ name: String, _ service: CoordinationService) {
        self.name = name
        self.service = service
        number = service.nextNumber()
    }

    // MARK: - What members and clients do in their own ways

    /// False while it is stopped.
    var runs: Bool { preconditionFailure("a caller is a member or a client") }

    /// From then on what it holds may be somebody else's.
    var lostAt: Int64 { preconditionFailure("a caller is a member or a client") }

    /// After this it gives back nothing any more.
    var isForgotten: Bool { hasEnded }

    func call(_ call: CoordinationCall, _ ticket: TaskTicket, then: @escaping (Outcome) -> Void) {
        preconditionFailure("a caller is a member or a client")
    }

    func ask(_ query: CoordinationQuery, then: @escaping (CoordinationQuery.Answer) -> Void) {
        preconditionFailure("a caller is a member or a client")
    }

    // MARK: - Turns

    func nextTicket() -> TaskTicket {
        ticketsEver += 1
        return TaskTicket(client: number, number: ticketsEver)
    }

    /// Asks for a turn, as `Coordination.turn` does: calls back with the token, or with nil when it has given up.
    func turn(
        _ request: CoordinationCall, withdraw: CoordinationCall, patience: Int?,
        then: @escaping (TaskTicket, UInt64?) -> Void
    ) {
        let ticket = nextTicket()
        let turn = CoordinationTurn(ticket, withdraw: withdraw, patience: patience, then: then)
        turns[ticket.number] = turn
        service.meetings.noteAsked(ticket, request)
        call(request, ticket) { [self] outcome in
            turn.isAsking = false
            switch outcome {
            case .answered(.version(let token?)) where turns[ticket.number] != nil: finish(turn, token)
            case .answered where turns[ticket.number] == nil: finish(turn, turn.token)
            case .answered: wait(turn)
            case .failed: finish(turn, nil)
            }
        }
    }

    private func wait(_ turn: CoordinationTurn) {
        guard let patience = turn.patience else { return }
        service.after(patience, self) { [self] in
            guard turns[turn.ticket.number] != nil else { return }
            service.meetings.noteGivenUp(turn.ticket, knowing: knownVersion)
            finish(turn, nil)
        }
    }

    private func finish(_ turn: CoordinationTurn, _ token: UInt64?) {
        turns[turn.ticket.number] = nil
        guard let token, !isOutOfTouch else {
            if token != nil { service.meetings.noteMissed(turn.ticket) }
            giveBack(turn.withdraw, turn.ticket) { _ in }
            return turn.then(turn.ticket, nil)
        }
        turn.then(turn.ticket, service.flaw == .sameToken ? token >> 3 : token)
    }

    /// What was published, as it comes to this caller.
    func take(_ news: CoordinationNews, version: UInt64) {
        knownVersion = version
        switch news {
        case .admitted(let tickets, let token):
            let told = service.flaw == .partOfAll && tickets.count > 1 ? tickets.dropLast() : tickets[...]
            for ticket in told where ticket.client == number { end(ticket, token) }
        case .broken(let tickets):
            for ticket in tickets where ticket.client == number { end(ticket, nil) }
        case .lagged:
            for ticket in turns.values.map(\.ticket).sorted(by: { $0.number < $1.number }) {
                service.meetings.noteMissed(ticket)
                end(ticket, nil)
            }
        case .leads, .put, .said: break
        }
    }

    private func end(_ ticket: TaskTicket, _ token: UInt64?) {
        guard let turn = turns.removeValue(forKey: ticket.number) else { return }
        turn.token = token
        if !turn.isAsking { finish(turn, token) }
    }

    /// Gives something back until that is done; calls back with false if it was not.
    func giveBack(_ call: CoordinationCall, _ ticket: TaskTicket, then: @escaping (Bool) -> Void) {
        returnsLeft += 1
        insist(call, ticket) { [self] isDone in
            returnsLeft -= 1
            then(isDone)
        }
    }

    private func insist(_ call: CoordinationCall, _ ticket: TaskTicket, then: @escaping (Bool) -> Void) {
        self.call(call, ticket) { [self] outcome in
            if case .answered = outcome { return then(true) }
            guard !isForgotten else { return then(false) }
            service.after(1_000, self) { [self] in insist(call, ticket, then: then) }
        }
    }

    // MARK: - Scopes

    private var isOutOfTouch: Bool { service.now >= lostAt }

    /// Holds something until it is given back or lost; then `whenLost` is called.
    func begin(_ hold: CoordinationHold) {
        holds[hold.number] = hold
        watch()
    }

    /// It is given back from now on.
    func end(_ hold: CoordinationHold) {
        holds[hold.number] = nil
        hold.endedAt = hold.endedAt ?? service.now
    }

    /// Looks again when what it holds may be lost.
    private func watch() {
        guard !hasEnded, !holds.isEmpty, lostAt < .max else { return }
        service.world.clock.schedule(at: max(lostAt, service.now + 1)) { [weak self] in
            self?.checkTouch()
            self?.watch()
        }
    }

    /// Gives up what it holds if that may be somebody else's.
    func checkTouch() {
        if runs, isOutOfTouch { loseAll() }
    }

    private func loseAll() {
        let lost = holds.values.sorted { $0.number < $1.number }
        holds = [:]
        let time = min(service.now, lostAt)
        for hold in lost {
            service.holds.noteLost(hold, at: time)
        }
        for hold in lost where !hasEnded { hold.whenLost() }
    }

    /// It does nothing any more.
    func end() {
        guard !hasEnded else { return }
        hasEnded = true
        loseAll()
        service.meetings.noteEnd(of: number)
        (turns, users, returnsLeft) = ([:], [], 0)
    }

    /// Cuts what holds itself in circles.
    func dissolve() { (turns, holds, users) = ([:], [:], []) }

    /// True if nobody does anything.
    var isAtRest: Bool { hasEnded || returnsLeft == 0 && users.allSatisfy(\.isIdle) }
}

/// What one task waits for.
final class CoordinationTurn {
    let ticket: TaskTicket
    let withdraw: CoordinationCall
    let patience: Int?
    let then: (TaskTicket, UInt64?) -> Void
    /// True as long as the request was not answered.
    var isAsking = true
    /// What came before the request was answered.
    var token: UInt64?

    init(
        _ ticket: TaskTicket, withdraw: CoordinationCall, patience: Int?, then: @escaping (TaskTicket, UInt64?) -> Void
    ) {
        (self.ticket, self.withdraw, self.patience, self.then) = (ticket, withdraw, patience, then)
    }
}
