import DequeModule
import LockstepProtocol

/// A message of this node for whose delivery somebody waits.
enum InFlight {
    case reply(PendingReply)
    /// A message without payload that marks a place in the order at which these queries are answered.
    case queries([OutgoingQuery])
    /// Its deadline has passed: it is delivered when its turn comes, and nobody waits for it.
    case abandoned

    /// The earliest deadline of those who wait, nil if nobody does.
    var deadline: Int64? {
        switch self {
        case .reply(let reply): reply.deadline
        case .queries(let queries): queries.map(\.deadline).min()
        case .abandoned: nil
        }
    }

    /// True if nobody waits for it any more.
    var isAnswered: Bool {
        switch self {
        case .reply(let reply): reply.isAnswered
        case .queries(let queries): queries.allSatisfy(\.reply.isAnswered)
        case .abandoned: true
        }
    }

    /// Fails those who wait: the outcome is unknown, but for queries, which change nothing.
    func fail(_ unknown: LockstepError, queries error: LockstepError) {
        switch self {
        case .reply(let reply): reply.fail(unknown)
        case .queries(let queries): queries.forEach { $0.reply.fail(error) }
        case .abandoned: break
        }
    }

    /// Fails those whose deadline has passed.
    mutating func expire(at now: Int64) {
        switch self {
        case .reply(let reply) where reply.deadline <= now:
            reply.fail(OwnMessages.outcomeUnknown)
            self = .abandoned
        case .queries(let queries):
            self = .queries(queries.expired(at: now, OwnMessages.unanswered))
        case .reply, .abandoned:
            break
        }
    }
}

/// The messages of this node on their way, in the order in which they will be delivered.
struct OwnMessages {
    /// A message that somebody waits for, with its number among all of them.
    typealias Awaited = (number: UInt64, waiting: InFlight)

    /// This node's place among the members.
    let member: Int
    var queue: Deque<Awaited> = []
    /// Delivered already, in no order, and not stable yet.
    var unstable: Deque<(position: UInt64, reply: PendingReply)> = []
    private var delivered: UInt64 = 0
    /// Queries that have no message to mark their place.
    var unmarked = UnmarkedQueries()

    init(member: Int) { self.member = member }

    var isEmpty: Bool { queue.isEmpty && unstable.isEmpty && unmarked.isEmpty }

    /// What was waiting for a message, if this node sent it and anything was.
    mutating func take(_ message: OrderedMulticast.Message) -> InFlight? {
        message.sender == member ? takeNext() : nil
    }

    /// The same for the next message of this node.
    mutating func takeNext() -> InFlight? {
        let number = delivered
        delivered += 1
        guard !queue.isEmpty, queue[0].number == number else { return nil }
        return queue.removeFirst().waiting
    }

    /// The same for many raw messages: those that are waited for are answered when they are stable, and every position
    /// below `stable` is.
    mutating func take(_ messages: UnsafeBufferPointer<OrderedMulticast.Message>, stable: UInt64) {
        for message in messages where message.sender == member {
            guard case .reply(let reply) = take(message) else { continue }
            if message.position < stable {
                reply.succeed(message.position)
            } else {
                unstable.append((message.position, reply))
            }
        }
    }

    /// Answers those whose messages every member holds.
    mutating func noteStable(below stable: UInt64) {
        while let first = unstable.first, first.position < stable {
            unstable.removeFirst()
            first.reply.succeed(first.position)
        }
    }

    /// Ends a view in which messages are delivered as they come: nobody can tell who has the newest.
    mutating func failUnstable() {
        for message in unstable { message.reply.fail(OwnMessages.outcomeUnknown) }
        unstable.removeAll()
    }

    /// The earliest deadline, nil if nobody waits.
    var deadline: Int64? {
        let inFlight = queue.lazy.compactMap(\.waiting.deadline).first
        let least = min(inFlight ?? .max, unstable.first?.reply.deadline ?? .max, unmarked.deadline ?? .max)
        return least == .max ? nil : least
    }

    /// Fails everybody whose message was not delivered: the outcome is unknown, but for queries, which change nothing.
    mutating func fail(_ unknown: LockstepError, queries error: LockstepError) {
        for (_, waiting) in queue { waiting.fail(unknown, queries: error) }
        for message in unstable { message.reply.fail(unknown) }
        for query in unmarked.takeAll() { query.reply.fail(error) }
        queue.removeAll()
        unstable.removeAll()
    }

    /// Fails everybody; their messages stay in the order.
    mutating func abandon(_ error: LockstepError) {
        for index in queue.indices {
            queue[index].waiting.fail(error, queries: OwnMessages.unanswered)
            queue[index].waiting = .abandoned
        }
        for message in unstable { message.reply.fail(error) }
        unstable.removeAll()
    }

    /// Fails those whose deadline has passed; their messages stay in the order.
    mutating func expire(at now: Int64) {
        for index in queue.indices { queue[index].waiting.expire(at: now) }
        unmarked.expire(at: now)
        unstable.removeAll { message in
            guard message.reply.deadline <= now else { return false }
            message.reply.fail(OwnMessages.outcomeUnknown)
            return true
        }
    }

    fileprivate static let outcomeUnknown = LockstepError(
        .outcomeUnknown,
        "The message was sent, and was not delivered before the deadline. Look at the state before trying again."
    )

    static let unanswered = LockstepError(
        .notExecuted, "The query was not answered before its deadline. It changes nothing: ask again."
    )
}

extension [OutgoingQuery] {
    /// Fails the queries whose deadline has passed, and returns the others.
    func expired(at now: Int64, _ error: LockstepError) -> [OutgoingQuery] {
        filter { query in
            guard query.deadline <= now else { return true }
            query.reply.fail(error)
            return false
        }
    }
}
