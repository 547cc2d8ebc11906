import DequeModule

/// The messages of this node that were delivered to a lane, which executes and answers them in this order. They outlast
/// the view that they were sent in: the lane may still be busy in the next one, or when this replica is in none.
///
/// They live on the poller's thread.
final class LaneMessages {
    private var queue: Deque<InFlight> = []

    var isEmpty: Bool { queue.isEmpty }

    /// A message has been handed to the lane; its deadline still counts.
    func append(_ waiting: InFlight) {
        forgetAnswered()
        queue.append(waiting)
    }

    private func forgetAnswered() {
        while queue.first?.isAnswered == true { queue.removeFirst() }
    }

    /// The earliest deadline, nil if nobody waits.
    var deadline: Int64? { queue.lazy.filter { !$0.isAnswered }.compactMap(\.deadline).first }

    /// Fails those whose deadline has passed; the lane executes their messages all the same.
    func expire(at now: Int64) {
        for index in queue.indices { queue[index].expire(at: now) }
        forgetAnswered()
    }

    /// Fails everybody: the outcome is unknown, but for queries, which change nothing.
    func fail(_ unknown: LockstepError, queries error: LockstepError) {
        for waiting in queue { waiting.fail(unknown, queries: error) }
        queue.removeAll()
    }
}
