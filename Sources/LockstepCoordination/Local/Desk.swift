import Lockstep
import Synchronization

/// The requests of this process that wait for their turn. From the first one on it reads what the coordinator publishes.
final class Desk: Sendable {
    private let group: Group<Coordinator>
    private let executor: (any TaskExecutor)?
    private let whenOut: @Sendable () -> Void
    private let client = UInt64.random(in: .min ... .max)
    private let state = Mutex(State())

    fileprivate struct State {
        var turns: [UInt64: Turn] = [:]
        var ticketsEver: UInt64 = 0
        var isReading = false
    }

    /// Calls `whenOut` each time that an incarnation of this node is out of its cluster, or a client has lost its session.
    ///
    /// - Parameter executor: What is published is read there.
    init(_ group: Group<Coordinator>, on executor: (any TaskExecutor)?, whenOut: @escaping @Sendable () -> Void) {
        (self.group, self.executor, self.whenOut) = (group, executor, whenOut)
    }

    /// Opens a request, before it is sent.
    func open(_ key: String) -> (ticket: Ticket, turn: Turn) {
        let turn = Turn(key)
        let ticket = state.withLock { state in
            let ticket = state.nextTicket(of: client)
            state.turns[ticket.number] = turn
            return ticket
        }
        beginReading()
        return (ticket, turn)
    }

    /// Reads what is published from now on, if it does not already.
    func beginReading() {
        let changes = state.withLock { state -> Changes<Coordinator>? in
            defer { state.isReading = true }
            return state.isReading ? nil : group.changes
        }
        guard let changes else { return }
        // It must not keep the desk: a client that nobody has any more ends its session.
        Task(executorPreference: executor) { [weak self] in
            do {
                for try await news in changes { self?.take(news) }
            } catch {
                self?.endReading(because: error)
            }
        }
    }

    /// Nobody waits for it any more. False if it has ended.
    @discardableResult
    func close(_ ticket: Ticket) -> Bool { state.withLock { $0.turns.removeValue(forKey: ticket.number) } != nil }

    private func take(_ news: Publication<Coordinator.Change>) {
        switch news {
        case .change(.admitted(let tickets, let token), _): end(tickets) { _ in .success(token) }
        case .change(.broken(let tickets), _): end(tickets) { .failure(CoordinationError.broken($0.key)) }
        case .change(.leads, _): break
        case .lagged: endAll(because: Self.hasLagged)
        }
    }

    /// This incarnation of the node is out of the cluster, or the client has no session.
    private func endReading(because error: any Error) {
        state.withLock { $0.isReading = false }
        endAll(because: error)
        whenOut()
    }

    private func end(_ tickets: [Ticket], _ outcome: (Turn) -> Result<UInt64, any Error>) {
        for ticket in tickets where ticket.client == client {
            guard let turn = state.withLock({ $0.turns.removeValue(forKey: ticket.number) }) else { continue }
            turn.end(outcome(turn))
        }
    }

    private func endAll(because error: any Error) {
        let turns = state.withLock { state in
            defer { state.turns = [:] }
            return state.turns
        }
        for turn in turns.values { turn.end(.failure(error)) }
    }

    private static let hasLagged = CoordinationError(
        .lost,
        "This process did not keep up with what was given to whom, and has given back what it waited for. Ask again."
    )
}

extension Desk.State {
    fileprivate mutating func nextTicket(of client: UInt64) -> Ticket {
        ticketsEver += 1
        return Ticket(client: client, number: ticketsEver)
    }
}
