import DequeModule
import LockstepProtocol

/// A message of this node for whose delivery somebody waits.
enum InFlight {
    case update(PendingCall, deadline: Int64)
    /// A message without payload that marks a place in the order at which these queries are answered.
    case queries([OutgoingCall])
    /// A raw message; its position is the result.
    case raw(PendingPosition, deadline: Int64)
    /// Its deadline has passed: it is delivered when its turn comes, and nobody waits for it.
    case abandoned

    /// The earliest deadline of those who wait, nil if nobody does.
    var deadline: Int64? {
        switch self {
        case .update(_, let deadline), .raw(_, let deadline): deadline
        case .queries(let calls): calls.map(\.deadline).min()
        case .abandoned: nil
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
    var unstable: Deque<(position: UInt64, reply: PendingPosition, deadline: Int64)> = []
    private var delivered: UInt64 = 0

    init(member: Int) { self.member = member }

    var isEmpty: Bool { queue.isEmpty && unstable.isEmpty }

    /// What was waiting for a message, if this node sent it and anything was.
    mutating func take(_ message: OrderedMulticast.Message) -> InFlight? {
        guard message.sender == member else { return nil }
        defer { delivered += 1 }
        guard let first = queue.first, first.number == delivered else { return nil }
        return queue.removeFirst().waiting
    }

    /// The same for many raw messages: those that are waited for are answered when they are stable, and every position
    /// below `stable` is.
    mutating func take(_ messages: UnsafeBufferPointer<OrderedMulticast.Message>, stable: UInt64) {
        for message in messages where message.sender == member {
            guard case .raw(let reply, let deadline) = take(message) else { continue }
            if message.position < stable {
                reply.succeed(message.position)
            } else {
                unstable.append((message.position, reply, deadline))
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

    /// The earliest deadline, nil if nobody waits.
    var deadline: Int64? {
        let inFlight = queue.lazy.compactMap(\.waiting.deadline).first
        let least = min(inFlight ?? .max, unstable.first?.deadline ?? .max)
        return least == .max ? nil : least
    }

    /// Fails everybody: the outcome is unknown, but for queries, which change nothing.
    mutating func fail(_ unknown: LockstepError, queries error: LockstepError) {
        for (_, waiting) in queue {
            switch waiting {
            case .update(let pending, _): pending.fail(unknown)
            case .raw(let reply, _): reply.fail(unknown)
            case .queries(let calls): calls.forEach { $0.pending.fail(error) }
            case .abandoned: break
            }
        }
        for message in unstable { message.reply.fail(unknown) }
        queue.removeAll()
        unstable.removeAll()
    }

    /// Fails those whose deadline has passed; their messages stay in the order.
    mutating func expire(at now: Int64) {
        for index in queue.indices { queue[index].waiting = OwnMessages.expired(queue[index].waiting, at: now) }
        unstable.removeAll { message in
            guard message.deadline <= now else { return false }
            message.reply.fail(OwnMessages.outcomeUnknown)
            return true
        }
    }

    private static func expired(_ message: InFlight, at now: Int64) -> InFlight {
        switch message {
        case .update(let pending, let deadline) where deadline <= now:
            pending.fail(outcomeUnknown)
            return .abandoned
        case .raw(let reply, let deadline) where deadline <= now:
            reply.fail(outcomeUnknown)
            return .abandoned
        case .queries(let calls):
            return .queries(calls.expired(at: now, unanswered))
        case .update, .raw, .abandoned:
            return message
        }
    }

    private static let outcomeUnknown = LockstepError(
        .outcomeUnknown,
        "The message was sent, and was not delivered before the deadline. Look at the state before trying again."
    )

    static let unanswered = LockstepError(
        .notExecuted, "The query was not answered before its deadline. It changes nothing: ask again."
    )
}

extension [OutgoingCall] {
    /// Fails the calls whose deadline has passed, and returns the others.
    func expired(at now: Int64, _ error: LockstepError) -> [OutgoingCall] {
        filter { call in
            guard call.deadline <= now else { return true }
            call.pending.fail(error)
            return false
        }
    }
}
