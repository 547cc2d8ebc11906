/// A query, and who waits for its result.
struct OutgoingQuery: Sendable {
    let content: Content
    var way: QueryWay
    /// In nanoseconds of the monotonic clock.
    let deadline: Int64
    let reply: PendingReply

    enum Content {
        /// A query, encoded as a message would have it.
        case call([UInt8])
        /// Somebody who looks at the state, and after that at every change.
        case wait(StateWaiter)
        /// A query of any member, for this one alone.
        case asked(MemberCall)
        /// Somebody who waits until there is something to ask.
        case nothing
    }
}

/// Queries without a mark in the order, until this replica has executed what they have to see.
struct UnmarkedQueries {
    private var queries: [(position: UInt64, query: OutgoingQuery)] = []

    var isEmpty: Bool { queries.isEmpty }

    /// The earliest deadline, nil if nobody waits.
    var deadline: Int64? { queries.map(\.query.deadline).min() }

    /// Adds queries, which see everything below what was received by now. What anybody has delivered is among it.
    mutating func add(_ added: inout [OutgoingQuery], received: UInt64) {
        for query in added { queries.append((query.way == .local ? 0 : received, query)) }
        added.removeAll(keepingCapacity: true)
    }

    /// Takes those that have to see nothing from a position on.
    mutating func take(below delivered: UInt64) -> [OutgoingQuery] {
        let ready = queries.filter { $0.position <= delivered }.map(\.query)
        queries.removeAll { $0.position <= delivered }
        return ready
    }

    mutating func takeAll() -> [OutgoingQuery] { take(below: .max) }

    mutating func expire(at now: Int64) {
        queries.removeAll { [$0.query].expired(at: now, OwnMessages.unanswered).isEmpty }
    }
}
