import Lockstep

/// A request of one task, as a simulation knows it.
package struct TaskTicket: Sendable, Hashable {
    /// Who asks.
    package let client: UInt64
    /// Its number there.
    package let number: UInt64

    package init(client: UInt64, number: UInt64) { (self.client, self.number) = (client, number) }

    init(_ ticket: Ticket) { self.init(client: ticket.client, number: ticket.number) }

    var ticket: Ticket { Ticket(client: client, number: number) }
}

/// The two groups that all of coordination is made of.
package enum CoordinationGroup: Int, Sendable, CaseIterable {
    /// What tasks hold and wait for.
    case turns
    case values
}

/// What tasks ask of the replicas, as they do through ``Coordination`` where there are nodes.
package enum CoordinationCall: Sendable, Hashable {
    case enter(String, capacity: Int, weight: Int, label: String?)
    case leave(String)
    case arrive(String, parties: Int, breaks: Bool)
    case depart(String)
    case begin(String, parties: Int)
    case end(String, began: TaskTicket)
    case quit(String)
    case count(String, by: Int)
    case attend(String, count: Int)
    case unattend(String)
    case offer([UInt8], to: String)
    case take(from: String)
    case finish(String)
    case handBack(String)
    case add(Int, to: String)
    case put([UInt8]?, at: String, on: String, replacing: UInt64?)
    case say([UInt8], on: String)

    package var group: CoordinationGroup {
        switch self {
        case .add, .put, .say: .values
        default: .turns
        }
    }

    /// The call of an update, under a ticket if it needs one.
    package func encoded(_ ticket: TaskTicket) throws -> EncodedCall {
        group == .values ? try encodedForValues() : try encodedForTurns(ticket.ticket)
    }

    private func encodedForValues() throws -> EncodedCall {
        try Store.encode { store in
            switch self {
            case .add(let amount, let counter): try store.add(amount, to: counter)
            case .put(let bytes, let key, let shelf, let version):
                try store.put(bytes, at: key, on: shelf, replacing: version)
            case .say(let message, let topic): try store.say(message, on: topic)
            default: preconditionFailure("a turn is no value")
            }
        }
    }

    private func encodedForTurns(_ ticket: Ticket) throws -> EncodedCall {
        try Coordinator.encode { turns in
            switch self {
            case .enter(let key, let capacity, let weight, let label):
                try turns.enter(key, capacity: capacity, weight: weight, label: label, ticket: ticket)
            case .leave(let key): try turns.leave(key, ticket: ticket)
            case .arrive(let key, let parties, let breaks):
                try turns.arrive(key, parties: parties, breaks: breaks, ticket: ticket)
            case .depart(let key): try turns.depart(key, ticket: ticket)
            case .begin(let key, let parties): try turns.begin(key, parties: parties, ticket: ticket)
            case .end(let key, let began): try turns.end(key, began: began.ticket, ticket: ticket)
            case .quit(let key): try turns.quit(key, ticket: ticket)
            case .count(let key, let steps): try turns.count(key, by: steps)
            case .attend(let key, let count): try turns.attend(key, count: count, ticket: ticket)
            case .unattend(let key): try turns.unattend(key, ticket: ticket)
            case .offer(let bytes, let key): try turns.offer(bytes, to: key)
            case .take(let key): try turns.take(from: key, ticket: ticket)
            case .finish(let key): try turns.finish(key, ticket: ticket)
            case .handBack(let key): try turns.handBack(of: key, ticket: ticket)
            case .add, .put, .say: preconditionFailure("a value is no turn")
            }
        }
    }
}

/// What a call has come to.
package enum CoordinationAnswer: Sendable, Hashable {
    /// A token, a generation or the version of a value; nil if one has to wait, or if nothing was put.
    case version(UInt64?)
    case number(Int)
    case done
}

extension CoordinationCall {
    private enum Result {
        case version
        case number
        case none
    }

    private var result: Result {
        switch self {
        case .enter, .arrive, .begin, .end, .attend, .take, .put: .version
        case .count, .add: .number
        case .leave, .depart, .quit, .unattend, .offer, .finish, .handBack, .say: .none
        }
    }

    /// What a task of a member gets.
    package func answer(_ reply: DetachedReply) throws -> CoordinationAnswer {
        switch result {
        case .version: return .version(try reply.value(as: UInt64?.self))
        case .number: return .number(try reply.value(as: Int.self))
        case .none:
            try reply.value(as: Void.self)
            return .done
        }
    }

    /// What a client's task gets.
    package func answer(_ answer: DetachedAnswer) throws -> CoordinationAnswer {
        switch result {
        case .version: return .version(try answer.value(as: UInt64?.self))
        case .number: return .number(try answer.value(as: Int.self))
        case .none:
            try answer.end()
            return .done
        }
    }
}
