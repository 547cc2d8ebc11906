import DequeModule
import LockstepFabric
import LockstepProtocol
import Synchronization

/// The way of a shard's messages from any task into this node's ring.
///
/// A task claims space, writes into it without suspending, and commits. The poller gives rounds in the order of the
/// commits. When the ring is full, or not open yet, tasks wait in the order in which they came; none of them spins.
@usableFromInline
final class SendQueue: Sendable {
    /// The longest message.
    let payloadMax: Int
    /// Longer ones are written without the lock.
    private static let writtenUnderLockMax = 1024
    /// The calls of this node that all members answer.
    let questions = Questions()
    /// Those on this node who wait for a state of the replica, and what that publishes for them.
    let waiters = StateWaiters()
    let changes: ChangeFeed
    private let group: GroupID
    private let shard: Int
    let poller: Poller
    /// Of this node; nil if this is it.
    private let catalogue: SendQueue?
    /// Keeps the memory mapped for those who write into it.
    let region: SharedMemoryRegion
    let state: Mutex<State>
    /// True if the poller has been told that there is something to take. It changes under the lock.
    private let isMarked = Atomic<Bool>(false)

    /// True if some member lacks a method that another has.
    let lacksMethods = Atomic<Bool>(false)

    struct State {
        /// Nil until every member hosts the group, between two views, as long as somebody still writes what lay in the
        /// same memory two views before, and when there is a failure.
        var ring: Ring?
        /// What the views before have not delivered; it comes before everything else.
        var carryover = Carryover()
        var stale = StaleSpace()
        /// Becomes `ring` when nothing of an earlier view is written there any more.
        var unopened: Ring?
        var waiting: Deque<Waiter> = []
        var waitersEver: UInt64 = 0
        var queries: [OutgoingQuery] = []
        /// Those that need no message.
        var unmarked: [OutgoingQuery] = []
        /// The same, and those that the poller has taken: for the case that it never answers them.
        var unansweredUnmarked: Deque<OutgoingQuery> = []
        var failure: LockstepError?
        /// Why there is nobody to call here in this view.
        var refusal: LockstepError?
        var missingMethods = MissingMethods()
        /// Those in the present view.
        var replicas: [View.Member] = []
        var view: UInt64 = 0

        var isAwaited: Bool { !waiting.isEmpty || !queries.isEmpty || !unmarked.isEmpty || !carryover.isEmpty }

        /// Takes those who wait for room, and the queries that nobody has taken.
        mutating func takeUnsent() -> [PendingReply] {
            defer { (waiting, queries, unmarked) = ([], [], []) }
            return waiting.map(\.reply) + (queries + unmarked).map(\.reply)
        }

        mutating func addUnmarked(_ query: OutgoingQuery) {
            unmarked.append(query)
            while unansweredUnmarked.first?.reply.isAnswered == true { unansweredUnmarked.removeFirst() }
            unansweredUnmarked.append(query)
        }
    }

    struct Ring {
        let range: Range<Int>
        let view: UInt64
        let rank: Int
        var claims: RingClaims
        /// Who waits for committed messages, in their order. The poller knows of all but the last `untaken`; the others
        /// are kept for the case that it never answers them.
        private(set) var awaited: Deque<OwnMessages.Awaited> = []
        private var untaken = 0

        init(range: Range<Int>, in view: View) {
            (self.range, self.view, rank) = (range, view.number, view.rank)
            claims = RingClaims(ringSize: range.count)
        }

        mutating func claim(_ byteCount: Int, upTo count: Int, in region: SharedMemoryRegion) -> RingSpace? {
            claims.claim(payloadSize: byteCount, upTo: count).map { RingSpace($0, in: range, of: view, region.region) }
        }

        /// The messages of a claim come next, and somebody waits for the last of them.
        mutating func commit(_ claim: Claim, _ reply: PendingReply?) {
            let last = claims.commit(claim) + UInt64(claim.count - 1)
            if let reply { noteAwaited(last, .reply(reply)) }
        }

        /// The same for a message that the poller is told of at once.
        mutating func commit(
            _ message: RingSpace, awaiting reply: PendingReply, into queue: inout Deque<OwnMessages.Awaited>
        ) {
            takeAwaited(into: &queue)
            let number = claims.commit(message.claim)
            reply.id = CallID(view: view, rank: rank, number: number)
            queue.append((number, .reply(reply)))
        }

        /// Somebody waits for the message with a number, which comes next.
        mutating func noteAwaited(_ number: UInt64, _ waiting: InFlight) {
            if case .reply(let reply) = waiting { reply.id = CallID(view: view, rank: rank, number: number) }
            forgetAnswered()
            awaited.append((number, waiting))
            untaken += 1
        }

        /// Somebody waits for a message that the poller knows of.
        mutating func keep(_ reply: PendingReply) {
            forgetAnswered()
            awaited.insert((reply.id?.number ?? 0, .reply(reply)), at: awaited.count - untaken)
        }

        private mutating func forgetAnswered() {
            while awaited.count > untaken, awaited[0].waiting.isAnswered { awaited.removeFirst() }
        }

        /// Tells the poller who waits.
        mutating func takeAwaited(into queue: inout Deque<OwnMessages.Awaited>) {
            for place in awaited.count - untaken..<awaited.count { queue.append(awaited[place]) }
            untaken = 0
        }

        /// Who waits for the message with a number, which the poller does not know of; all before it have been asked for.
        mutating func takeAwaited(_ number: UInt64) -> InFlight? {
            let next = awaited.count - untaken
            guard untaken > 0, awaited[next].number == number else { return nil }
            untaken -= 1
            return awaited[next].waiting
        }
    }

    /// A task for which there was no room.
    struct Waiter {
        let byteCount: Int
        let count: Int
        let reply: PendingReply
        let deadline: Int64
        let number: UInt64
    }

    init(
        group: GroupID, shard: Int, ringSize: Int, poller: Poller, region: SharedMemoryRegion,
        catalogue: SendQueue? = nil, changesKept: Int = 0
    ) {
        changes = ChangeFeed(kept: changesKept)
        self.catalogue = catalogue
        self.group = group
        self.shard = shard
        self.poller = poller
        self.region = region
        payloadMax = ringSize > 0 ? Record.payloadMax(ring: ringSize) : 0
        state = Mutex(State())
    }

    /// True if this member sends in the group.
    var sends: Bool { payloadMax > 0 }

    private func reasonToRefuse(_ state: borrowing State) -> LockstepError? {
        if let reason = state.failure ?? state.refusal { return reason }
        guard !sends else { return nil }
        return LockstepError(
            .notSender,
            "This member does not send in \"\(group)\". Host it with `options.sends` true, or call elsewhere."
        )
    }

    // MARK: - From any thread

    /// Sends an encoded update as soon as there is room for it.
    ///
    /// By then it is known which methods some member lacks: `check` may refuse to send.
    nonisolated(nonsending) func send(
        _ call: CallArguments, _ reply: PendingReply?, deadline: Int64,
        unless check: (MissingMethods) throws(LockstepError) -> Void
    ) async throws {
        if try sendNow(call, reply, deadline: deadline, unless: check) { return }
        let space = try await waitForSpace(call.byteCount, upTo: 1, deadline: deadline)
        try write(call, into: space, unless: check)
        try commit(space, waiting: reply)
    }

    /// The same if there is room now; false if not. `isAwaited` says that the task waits for the outcome next.
    func sendNow(
        _ call: CallArguments, _ reply: PendingReply?, deadline: Int64, isAwaited: Bool = false,
        unless check: (MissingMethods) throws(LockstepError) -> Void
    ) throws(LockstepError) -> Bool {
        reply?.deadline = deadline
        guard let space = try claimNow(call.byteCount, upTo: 1) else { return false }
        try write(call, into: space, unless: check)
        if isAwaited, let reply, poller.isOnThread {
            try commit(space, awaiting: reply)
        } else {
            try commit(space, waiting: reply)
        }
        return true
    }

    /// The same for a short call of a task that goes on: it is claimed, written and committed under the lock, which is
    /// taken once. Nil if it is another one, or if some member lacks methods.
    func sendAtOnce(
        _ call: UnsafeRawBufferPointer, _ reply: PendingReply, isAwaited: Bool
    ) throws(LockstepError) -> Bool? {
        guard call.count <= Self.writtenUnderLockMax, !(isAwaited && poller.isOnThread) else { return nil }
        try checkSize(call.count)
        let attempt = try state.withLock { state throws(LockstepError) -> AttemptAtOnce in
            guard try canClaim(state) else { return .noRoom }
            guard !lacksMethods.load(ordering: .relaxed) else { return .mustCheck }
            guard let claim = state.ring?.claims.claim(payloadSize: call.count), let ring = state.ring?.range else {
                return .noRoom
            }
            region.region.bytes(claim.payload(0, in: ring)).copyMemory(from: call)
            state.ring?.commit(claim, reply)
            return .sent(mustMark: noteMarked())
        }
        switch attempt {
        case .sent(let mustMark):
            if mustMark { poller.mark(shard) }
            return true
        case .noRoom: return false
        case .mustCheck: return nil
        }
    }

    private enum AttemptAtOnce {
        case sent(mustMark: Bool)
        case noRoom
        case mustCheck
    }

    /// Under the lock, notes that there is something to take; true if the poller has not been told.
    private func noteMarked() -> Bool {
        defer { isMarked.store(true, ordering: .relaxed) }
        return !isMarked.load(ordering: .relaxed)
    }

    private func write(
        _ call: CallArguments, into space: RingSpace, unless check: (MissingMethods) throws(LockstepError) -> Void
    ) throws(LockstepError) {
        if lacksMethods.load(ordering: .acquiring) {
            do {
                try check(state.withLock { $0.missingMethods })
            } catch {
                withdraw(space, from: 0)
                throw error
            }
        }
        call.withBytes { space.bytes(0).copyMemory(from: $0) }
    }

    /// Throws if a method cannot be called because some member lacks it.
    func checkMissing(_ check: (MissingMethods) throws(LockstepError) -> Void) throws(LockstepError) {
        guard lacksMethods.load(ordering: .acquiring) else { return }
        try check(state.withLock { $0.missingMethods })
    }

    /// The replicas of the present view, nil before there are any.
    func present() throws(LockstepError) -> (view: UInt64, replicas: [View.Member])? {
        try state.withLock { state throws(LockstepError) in
            if let reason = state.failure ?? state.refusal { throw reason }
            return state.replicas.isEmpty ? nil : (state.view, state.replicas)
        }
    }

    /// Why nobody can be called here, if that is so.
    var refusal: LockstepError? { state.withLock { $0.failure ?? $0.refusal } }

    /// Sends bytes that nobody waits for; false if there is no room now.
    func sendNow(_ bytes: [UInt8]) throws(LockstepError) -> Bool {
        guard let space = try claimNow(bytes.count, upTo: 1) else { return false }
        space.bytes(0).copyBytes(from: bytes)
        try commit(space)
        return true
    }

    /// Sends bytes that nobody waits for, however long it takes.
    nonisolated(nonsending) func sendWhenThereIsRoom(_ bytes: [UInt8]) async throws {
        let space = try await waitForSpace(bytes.count, upTo: 1, deadline: .max - 1)
        space.bytes(0).copyBytes(from: bytes)
        try commit(space)
    }

    /// Asks in the way that the query says.
    func ask(_ query: OutgoingQuery) {
        let failure: LockstepError? = state.withLock { state in
            if let reason = state.failure ?? state.refusal { return reason }
            if query.way != .marked { state.addUnmarked(query) } else if sends { state.queries.append(query) }
            return nil
        }
        if let failure { return query.reply.fail(failure) }
        if query.way != .marked || sends { mark() } else { askMarkingElsewhere(query) }
    }

    /// Who does not send in the group marks a query in the catalogue, where every member sends: when that mark is
    /// delivered, all of them have received it, so no view had begun without this member when it was sent. What was
    /// acknowledged in the present view until then has been received here.
    private func askMarkingElsewhere(_ query: OutgoingQuery) {
        precondition(catalogue != nil, "every member sends in the catalogue")
        Task {
            let mark = PendingReply()
            do {
                try await catalogue?.send(CallArguments(message: []), mark, deadline: query.deadline) { _ in }
                try await catalogue?.outcome(of: mark, as: Void.self)
            } catch {
                return query.reply.fail(error)
            }
            var query = query
            query.way = .settled
            ask(query)
        }
    }

    /// Claims as many of `count` messages as there is room for, at least one; nil if there is no room now, or if others
    /// wait for it: then ``waitForSpace(_:upTo:deadline:)`` does the same.
    func claimNow(_ byteCount: Int, upTo count: Int) throws(LockstepError) -> RingSpace? {
        precondition(byteCount >= 0, "a message must have 0 bytes or more")
        try checkSize(byteCount)
        return try state.withLock { state throws(LockstepError) in try claim(byteCount, upTo: count, &state) }
    }

    /// Throws if a message is too long for the ring. Who does not send hears that instead, when it claims.
    func checkSize(_ byteCount: Int) throws(LockstepError) {
        guard byteCount <= payloadMax || !sends else {
            throw LockstepError(
                .messageTooLarge,
                """
                The message takes \(byteCount) bytes, and one for "\(group)" at most \(payloadMax). Raise \
                `ringBytes`, or split it.
                """
            )
        }
    }

    private func claim(_ byteCount: Int, upTo count: Int, _ state: inout State) throws(LockstepError) -> RingSpace? {
        guard try canClaim(state) else { return nil }
        return state.ring?.claim(byteCount, upTo: count, in: region)
    }

    /// True if the ring is open, and nobody waits for room in it.
    private func canClaim(_ state: borrowing State) throws(LockstepError) -> Bool {
        guard state.ring != nil else {
            if let reason = reasonToRefuse(state) { throw reason }
            return false
        }
        return state.waiting.isEmpty && state.carryover.isEmpty
    }

    /// Claims space when there is room, behind everybody who waits already.
    nonisolated(nonsending) func waitForSpace(_ byteCount: Int, upTo count: Int, deadline: Int64) async throws
        -> RingSpace
    {
        let number = state.withLock { state in
            state.waitersEver += 1
            return state.waitersEver
        }
        return try await withTaskCancellationHandler {
            // Who has been given space already must take it, or nobody would ever end that claim.
            let reply = PendingReply(onCancel: .waitsOn)
            let waiter = Waiter(byteCount: byteCount, count: count, reply: reply, deadline: deadline, number: number)
            let refusal: (any Error)? = state.withLock { state in
                // A cancellation after this finds the waiter.
                let refusal = Task.isCancelled ? CancellationError() : reasonToRefuse(state) as (any Error)?
                if refusal == nil { state.waiting.append(waiter) }
                return refusal
            }
            if let refusal { throw refusal }
            mark()
            return try await reply.value()
        } onCancel: {
            withdraw(number)
        }
    }

    /// Ends the wait of a task that was cancelled; if it has space already, it goes on.
    private func withdraw(_ number: UInt64) {
        let waiter = state.withLock { state -> Waiter? in
            let index = state.waiting.firstIndex { $0.number == number }
            return index.map { state.waiting.remove(at: $0) }
        }
        guard let waiter else { return }
        waiter.reply.fail(CancellationError())
        // Who waited behind it may need less room.
        mark()
    }

    /// The messages come next in this node's order; `waiting` waits for the last of them.
    func commit(_ space: RingSpace, waiting: PendingReply? = nil) throws(LockstepError) {
        let isFirst = try state.withLock { state throws(LockstepError) in
            try commit(space, waiting, &state)
            return noteMarked()
        }
        if isFirst { poller.mark(shard) }
    }

    /// The same for a task that waits next. On the poller's thread it makes the turn that sends the message.
    func commit(_ space: RingSpace, awaiting reply: PendingReply) throws(LockstepError) {
        guard poller.send(space, awaiting: reply, in: shard) else { return try commit(space, waiting: reply) }
        if !reply.isAnswered { state.withLock { $0.ring?.keep(reply) } }
    }

    private func commit(_ space: RingSpace, _ waiting: PendingReply?, _ state: inout State) throws(LockstepError) {
        if state.ring?.view == space.view {
            state.ring?.commit(space.claim, waiting)
        } else if let reason = state.failure ?? state.refusal {
            throw reason
        } else {
            carry(space, space.count, waiting, &state)
        }
    }

    /// Tells the poller that there is something to take.
    func mark() {
        state.withLock { _ in isMarked.store(true, ordering: .relaxed) }
        poller.mark(shard)
    }

    /// Waits for the outcome of what was sent. On the poller's thread the task turns the shard first: see
    /// ``PollerLoop/help(_:with:)``.
    @inline(__always)
    nonisolated(nonsending) func outcome<Value: Sendable>(
        of reply: PendingReply, as type: Value.Type = Value.self
    ) async throws -> Value {
        if !reply.isAnswered { poller.help(shard, with: reply) }
        return try await reply.value()
    }

    /// The messages of a claim from one on are not sent; those before it are.
    func withdraw(_ space: RingSpace, from index: Int) {
        let (written, rest) = space.claim.split(at: index)
        state.withLock { state in
            guard state.ring?.view == space.view else { return carry(space, index, nil, &state) }
            if written.count > 0 { state.ring?.commit(written, nil) }
            state.ring?.claims.abandon(rest)
        }
        mark()
    }

    // MARK: - On the poller

    /// True if there may be something to take.
    var hasNews: Bool { isMarked.load(ordering: .relaxed) }

    /// Tells what became of the ring, commits a message of a task on this thread, serves those who wait, and takes what
    /// was committed; true if somebody waits on.
    func exchange(
        _ progress: RingProgress, received: UInt64, sending message: RingSpace?, awaiting reply: PendingReply?,
        commits: inout [Commit], own: inout OwnMessages
    ) -> Bool {
        var served: [(PendingReply, RingSpace)] = []
        let isAwaited = state.withLock { state in
            isMarked.store(false, ordering: .relaxed)
            state.ring?.claims.settle(progress)
            if let message, let reply { commit(message, awaiting: reply, &state, &own) }
            if state.isAwaited { serve(&state, &served) }
            if !state.unmarked.isEmpty { own.unmarked.add(&state.unmarked, received: received) }
            state.ring?.claims.take(into: &commits)
            state.ring?.takeAwaited(into: &own.queue)
            return state.isAwaited
        }
        for (reply, space) in served { reply.succeed(space) }
        return isAwaited
    }

    /// Takes the queries that need no message, where nothing else may be taken.
    func takeUnmarked(received: UInt64, own: inout OwnMessages) {
        state.withLock { own.unmarked.add(&$0.unmarked, received: received) }
    }

    private func commit(
        _ message: RingSpace, awaiting reply: PendingReply, _ state: inout State, _ own: inout OwnMessages
    ) {
        if state.ring?.view == message.view {
            state.ring?.commit(message, awaiting: reply, into: &own.queue)
            return
        }
        // Somebody has closed the queue since the message was claimed.
        do throws(LockstepError) {
            try commit(message, reply, &state)
        } catch {
            reply.fail(error)
        }
    }

    /// True if somebody waits for room, or for the ring to open.
    var isAwaited: Bool { state.withLock { $0.isAwaited } }

    /// For late headers, which take space of their own.
    func withClaims(_ body: (inout RingClaims) -> Void) {
        state.withLock { state in
            guard var ring = state.ring else { return }
            body(&ring.claims)
            state.ring = ring
        }
    }

    private func serve(_ state: inout State, _ served: inout [(PendingReply, RingSpace)]) {
        guard var ring = state.ring else { return }
        state.ring = nil
        defer { state.ring = ring }
        resend(&state.carryover, &ring)
        guard state.carryover.isEmpty else { return }
        while let first = state.waiting.first {
            guard let space = ring.claim(first.byteCount, upTo: first.count, in: region) else { return }
            served.append((first.reply, space))
            state.waiting.removeFirst()
        }
        guard !state.queries.isEmpty, let claim = ring.claims.claim(payloadSize: 0) else { return }
        ring.noteAwaited(ring.claims.commit(claim), .queries(state.queries))
        state.queries.removeAll()
    }

    /// The earliest deadline of those who wait for room, nil if nobody does.
    var deadline: Int64? {
        state.withLock { state in
            let least = min(
                state.waiting.first?.deadline ?? .max, state.queries.first?.deadline ?? .max,
                state.unmarked.first?.deadline ?? .max
            )
            return least == .max ? nil : least
        }
    }

    /// Fails those whose deadline has passed while they waited for room.
    func expire(at now: Int64, _ error: LockstepError) {
        let late = state.withLock { state in
            state.queries = state.queries.expired(at: now, OwnMessages.unanswered)
            state.unmarked = state.unmarked.expired(at: now, OwnMessages.unanswered)
            var late: [Waiter] = []
            state.waiting.removeAll { waiter in
                guard waiter.deadline <= now else { return false }
                late.append(waiter)
                return true
            }
            return late
        }
        for waiter in late { waiter.reply.fail(error) }
        if !late.isEmpty { mark() }
    }

    /// Fails everybody: the poller does not come back.
    func abandon(because error: LockstepError) {
        let (awaited, queries) = state.withLock { state in
            defer { state.unansweredUnmarked = [] }
            return (state.ring?.awaited ?? [], state.unansweredUnmarked)
        }
        // With what came in between.
        let inFlight = close(because: error)
        for query in queries { query.reply.fail(error) }
        for (_, waiting) in awaited + inFlight { waiting.fail(.unknown(after: error), queries: error) }
    }

    /// Fails everybody who waits, and everybody who comes later; returns who waited for committed messages.
    func close(because error: LockstepError) -> Deque<OwnMessages.Awaited> {
        let (unsent, inFlight) = state.withLock { state in
            state.failure = state.failure ?? error
            defer { (state.ring, state.unopened) = (nil, nil) }
            var inFlight: Deque<OwnMessages.Awaited> = []
            state.ring?.takeAwaited(into: &inFlight)
            // They have no number any more, and need none.
            inFlight += state.carryover.removeAll().map { (.max, $0) }
            return (state.takeUnsent(), inFlight)
        }
        for reply in unsent { reply.fail(error) }
        questions.end(because: error)
        waiters.end(because: error)
        changes.end(because: error)
        return inFlight
    }
}
