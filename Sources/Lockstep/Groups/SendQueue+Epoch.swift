import DequeModule
import LockstepFabric
import LockstepProtocol
import Synchronization

// What becomes of a node's messages from one view to the next. All of it is for the poller, but for `carry`.
extension SendQueue {
    /// A view begins in which every replica is there and this one has the state: its ring opens, if it has one.
    func open(_ range: Range<Int>, in view: View, _ part: GroupPart) {
        let silent = part.layout.members.indices.filter { part.layout.members[$0].ring.isEmpty }
        questions.begin(part.members, silent: silent)
        state.withLock { state in
            guard state.failure == nil else { return }
            if !range.isEmpty { state.open(Ring(range: range, in: view)) }
            state.missingMethods = part.missingMethods
            (state.view, state.replicas) = (view.number, part.members)
            lacksMethods.store(!part.missingMethods.isEmpty, ordering: .releasing)
        }
        if !range.isEmpty { mark() }
    }

    /// This node has no replica in the present view: calls fail until it has one.
    func refuse(because error: LockstepError) {
        let (unsent, dropped) = state.withLock { state in
            state.refusal = error
            return (state.takeUnsent(), state.carryover.removeAll())
        }
        for reply in unsent { reply.fail(error) }
        for waiting in dropped { waiting.fail(error, queries: error) }
    }

    /// This node has a replica: calls wait until the ring is open.
    func admit() { state.withLock { $0.refusal = nil } }

    /// Those in the present view.
    var replicas: [View.Member] { state.withLock(\.replicas) }

    /// Closes the ring of a view that has ended, until the next is opened. What the view has dropped of this node's
    /// messages, and what was committed and not sent, is sent again, in its order and before anything else.
    func leaveView(dropped: Carryover) {
        questions.end(because: SendQueue.viewChanged)
        state.withLock { state in
            var dropped = dropped
            swap(&dropped, &state.carryover)
            // What the view before could not even send comes behind.
            state.carryover.append(contentsOf: dropped)
            // A ring that was never opened has nothing in it.
            state.unopened = nil
            guard var ring = state.ring else { return }
            state.ring = nil
            state.stale.note(ring.claims.uncommitted, in: ring.view)
            var commits: [Commit] = []
            ring.claims.take(into: &commits)
            var number = ring.claims.messagesEver - UInt64(commits.reduce(0) { $0 + $1.messages })
            for commit in commits where !commit.isAbandoned {
                let space = RingSpace(commit.claim, in: ring.range, of: ring.view, region.region)
                for index in 0..<space.count {
                    state.carryover.append(space.payload(index), waiting: ring.takeAwaited(number))
                    number += 1
                }
            }
        }
    }

    private static let viewChanged = LockstepError(
        .noAnswer, "The view changed before it answered. Ask again, if only its answer matters."
    )

    /// Keeps what somebody has written into the ring of an earlier view.
    func carry(_ space: RingSpace, _ count: Int, _ reply: PendingReply?, _ state: inout State) {
        for index in 0..<count {
            let waiting = index == count - 1 ? reply.map { InFlight.reply($0) } : nil
            state.carryover.append(space.payload(index), waiting: waiting)
        }
        state.endStale(space)
    }

    /// Sends what is left of the view before, as far as there is room.
    func resend(_ carryover: inout Carryover, _ ring: inout Ring) {
        while let run = carryover.nextRun, let space = ring.claim(run.length, upTo: run.count, in: region) {
            let waiting = carryover.take(space.count) { index, payload in space.bytes(index).copyBytes(from: payload) }
            let first = ring.claims.commit(space.claim)
            for (index, waiting) in waiting.enumerated() {
                if let waiting { ring.noteAwaited(first + UInt64(index), waiting) }
            }
        }
    }
}

extension SendQueue.State {
    fileprivate mutating func open(_ opened: SendQueue.Ring) {
        precondition(ring == nil, "the ring of a view must be left before that of the next is opened")
        if stale.isWritten(in: opened.view) { unopened = opened } else { ring = opened }
    }

    /// A task has ended with what it wrote in an earlier view.
    fileprivate mutating func endStale(_ space: RingSpace) {
        stale.end(space.count, in: space.view)
        if let opened = unopened, !stale.isWritten(in: opened.view) { (ring, unopened) = (opened, nil) }
    }
}

/// The messages that tasks still write into rings of views that have ended. A view's memory is used again two views
/// later, and not before they are done.
struct StaleSpace {
    private var messages: [UInt64: Int] = [:]

    mutating func note(_ count: Int, in view: UInt64) {
        if count > 0 { messages[view] = count }
    }

    mutating func end(_ count: Int, in view: UInt64) {
        guard let open = messages[view] else { return }
        messages[view] = open > count ? open - count : nil
    }

    /// True if somebody still writes where the ring of this view lies.
    func isWritten(in view: UInt64) -> Bool { messages.keys.contains { $0 % 2 == view % 2 } }
}
