import DequeModule
import LockstepFabric
import Synchronization

/// The calls of this node to single members, and theirs to it, on their way over the mesh.
///
/// So many of one group to one member may be on their way; others wait for their turn here. So a member that does not
/// answer costs a bounded amount of memory on both sides, and what has not left this node can be told not to have run.
final class MemberCalls: Sendable {
    /// With the longest results this fills half of what the mesh keeps for a node that does not read.
    fileprivate static let onTheirWayMax = 32

    private let pollers: Pollers
    /// Begins anywhere, so that nobody takes the answer to another node's question.
    private let asked = Atomic<UInt64>(.random(in: 0...(.max / 2)))
    /// When the first poller looks next who has waited too long.
    private let alarm = Atomic<Int64>(.max)
    private let state = Mutex(State())

    fileprivate struct State {
        /// Nil before this node is a member, and after.
        var mesh: Mesh?
        /// Those of the present view.
        var members: Set<UInt64> = []
        /// Those without a connection.
        var lost: Set<UInt64> = []
        var open: [UInt64: OpenCall] = [:]
        var ways: [Way: Traffic] = [:]
        var failure: LockstepError?
    }

    fileprivate struct OpenCall {
        let call: OutgoingCall
        let reply: PendingReply
        /// True once it may run there.
        var isSent = false
    }

    /// The calls of one group to one member.
    fileprivate struct Way: Hashable {
        let group: GroupID
        let member: UInt64

        init(_ call: OutgoingCall) { (group, member) = (call.bytes.group, call.member.incarnation) }
    }

    fileprivate struct Traffic {
        var onTheirWay = 0
        var waiting: Deque<UInt64> = []
    }

    /// A call that this node makes.
    struct OutgoingCall: Sendable {
        let member: View.Member
        let bytes: MemberCallBytes
        let isQuery: Bool
        let deadline: Int64
    }

    init(pollers: Pollers) { self.pollers = pollers }

    // MARK: - Calling

    /// A number for the next question.
    func nextQuestion() -> UInt64 { asked.wrappingAdd(1, ordering: .relaxed).newValue }

    /// Makes a call and waits for its outcome.
    ///
    /// - Throws: A ``LockstepError`` that says whether it may have run, or `CancellationError` if it has not.
    nonisolated(nonsending) func make(_ call: OutgoingCall) async throws -> EncodedAnswer {
        let reply = PendingReply(onCancel: .waitsOn)
        let question = call.bytes.question
        return try await withTaskCancellationHandler {
            try begin(call, as: question, reply)
            return try await reply.value()
        } onCancel: {
            cancel(question)
        }
    }

    private func begin(_ call: OutgoingCall, as question: UInt64, _ reply: PendingReply) throws {
        let (mustSend, mustConnect) = try state.withLock { state in
            // A cancellation after this finds the call.
            if Task.isCancelled { throw CancellationError() }
            if let failure = state.failure { throw failure }
            guard state.members.contains(call.member.incarnation) else {
                throw MemberCalls.notMember(call.member, call.bytes.group)
            }
            if state.lost.contains(call.member.incarnation) { return (false, state.mesh) }
            state.open[question] = OpenCall(call: call, reply: reply)
            state.ways[Way(call), default: Traffic()].waiting.append(question)
            return (true, nil)
        }
        guard mustSend else {
            mustConnect?.connect(to: MeshNode(call.member))
            throw LockstepError(
                .notExecuted,
                "The connection with \"\(call.member.name)\" has broken, and is made anew. Call again in a moment."
            )
        }
        setAlarm(call.deadline)
        sendWaiting(Way(call))
    }

    /// Sends what waits for its turn, as far as it has come.
    private func sendWaiting(_ way: Way) {
        while let (call, question, mesh) = state.withLock({ $0.takeNext(way) }) {
            if way.member == mesh.own.id {
                // Nothing leaves this process.
                take(call.bytes, from: way.member) { [weak self] in self?.finish(question, $0) }
            } else {
                mesh.send(MemberCallBytes.kind, call.bytes.bytes, to: way.member)
            }
        }
    }

    private func cancel(_ question: UInt64) {
        let open = state.withLock { $0.giveUp(question) }
        guard let open else { return }
        guard open.isSent, !open.call.isQuery else { return open.reply.fail(CancellationError()) }
        open.reply.fail(
            LockstepError(
                .outcomeUnknown,
                """
                The task was cancelled after the call had been sent to "\(open.call.member.name)", which may run it all \
                the same.
                """,
                cause: CancellationError()
            )
        )
    }

    private func finish(_ question: UInt64, _ reply: MemberReply) {
        guard let open = state.withLock({ $0.end(question) }) else { return }
        switch reply {
        case .answered(let answer):
            open.reply.succeed(answer)
        case .refused(let reason):
            open.reply.fail(LockstepError(.notExecuted, "\"\(open.call.member.name)\" did not run it: \(reason)"))
        }
        sendWaiting(Way(open.call))
    }

    // MARK: - Hearing

    /// What the mesh brings; what no correct node sends is passed over.
    func take(_ kind: UInt16, _ bytes: [UInt8], from node: UInt64) {
        switch kind {
        case MemberCallBytes.kind:
            guard let call = MemberCallBytes(bytes) else { return }
            let question = call.question
            take(call, from: node) { [weak self] reply in
                let mesh = self?.state.withLock(\.mesh)
                mesh?.send(MemberReplyBytes.kind, MemberReplyBytes(question: question, reply).bytes, to: node)
            }
        case MemberReplyBytes.kind:
            guard let reply = MemberReplyBytes(bytes), isAsked(node, reply.question) else { return }
            finish(reply.question, reply.reply)
        default:
            break
        }
    }

    private func isAsked(_ node: UInt64, _ question: UInt64) -> Bool {
        state.withLock { $0.open[question]?.call.member.incarnation == node }
    }

    private func take(
        _ bytes: MemberCallBytes, from node: UInt64, reply: @escaping @Sendable (MemberReply) -> Void
    ) {
        let call = MemberCall(
            caller: node, group: bytes.group, view: bytes.view, way: bytes.way,
            deadline: coarseDeadline(after: bytes.patience), payload: bytes.payload, reply: reply
        )
        if !pollers.poller(of: call.group).run({ $0.serve(call) }) { call.refuse(CallChannel.hasLeft.message) }
    }

    // MARK: - Deadlines

    /// When somebody has waited long enough, nil if nobody waits.
    var deadline: Int64? {
        let alarm = alarm.load(ordering: .relaxed)
        return alarm == .max ? nil : alarm
    }

    private func setAlarm(_ deadline: Int64) {
        // Few calls come here with an earlier deadline than one before, so that the poller is woken for few.
        if alarm.min(deadline, ordering: .relaxed).oldValue > deadline { pollers.first.run { _ in } }
    }

    /// Fails those whose deadline has passed.
    func expire(at now: Int64) {
        guard alarm.load(ordering: .relaxed) <= now else { return }
        alarm.store(.max, ordering: .relaxed)
        let (late, next) = state.withLock { state in
            let late = state.open.filter { !$0.value.reply.isAnswered && $0.value.call.deadline <= now }
            let left = state.open.values.lazy.filter { !$0.reply.isAnswered && $0.call.deadline > now }
            return (late.keys.compactMap { state.giveUp($0) }, left.map(\.call.deadline).min())
        }
        for open in late {
            let name = open.call.member.name
            open.reply.fail(
                open.isSent
                    ? open.lost("\"\(name)\" did not answer before the deadline")
                    : LockstepError(
                        .notExecuted,
                        "\"\(name)\" did not answer the calls before this one in time, so it was not sent."))
        }
        if let next { setAlarm(next) }
    }

    // MARK: - Members that come and go

    /// This node is a member.
    func begin(over mesh: Mesh) { state.withLock { $0.mesh = mesh } }

    /// These are the members of the next view: nobody waits for others any longer.
    func keep(only members: Set<UInt64>) {
        let gone = state.withLock { state in
            state.members = members
            state.lost.formIntersection(members)
            return state.forget { !members.contains($0) }
        }
        for open in gone {
            let name = open.call.member.name
            open.reply.fail(
                open.isSent
                    ? open.lost("\"\(name)\" has gone before it answered")
                    : MemberCalls.notMember(open.call.member, open.call.bytes.group))
        }
    }

    /// What was on its way over a connection is lost.
    func noteDisconnected(_ node: UInt64) {
        let lost = state.withLock { state in
            if state.members.contains(node) { state.lost.insert(node) }
            return state.forget { $0 == node }
        }
        for open in lost {
            let reason = "The connection with \"\(open.call.member.name)\" has broken before it answered"
            open.reply.fail(
                open.isSent ? open.lost(reason) : LockstepError(.notExecuted, "\(reason) others, so it was not sent."))
        }
    }

    func noteConnected(_ node: UInt64) { state.withLock { _ = $0.lost.remove(node) } }

    /// This node is out of its cluster.
    func end(because error: LockstepError) {
        let open = state.withLock { state in
            state.failure = state.failure ?? error
            state.mesh = nil
            return state.forget { _ in true }
        }
        for open in open {
            open.reply.fail(open.isSent && !open.call.isQuery ? .unknown(after: error) : error)
        }
    }

    static func notMember(_ member: View.Member, _ group: GroupID) -> LockstepError {
        LockstepError(
            .notReplica,
            "\"\(member.name)\" has no replica of \"\(group)\" in this view, so nothing was sent. Call another member."
        )
    }
}

extension MemberCalls.State {
    /// The call whose turn it is.
    fileprivate mutating func takeNext(
        _ way: MemberCalls.Way
    ) -> (MemberCalls.OutgoingCall, question: UInt64, Mesh)? {
        guard let mesh, var traffic = ways[way], traffic.onTheirWay < MemberCalls.onTheirWayMax,
            let question = traffic.waiting.popFirst(), let call = open[question]?.call
        else { return nil }
        traffic.onTheirWay += 1
        ways[way] = traffic
        open[question]?.isSent = true
        return (call, question, mesh)
    }

    /// Nobody waits for a call any more. It keeps its place until it is answered, if it was sent.
    fileprivate mutating func giveUp(_ question: UInt64) -> MemberCalls.OpenCall? {
        guard let call = open[question] else { return nil }
        if !call.isSent {
            open[question] = nil
            ways[MemberCalls.Way(call.call)]?.waiting.removeAll { $0 == question }
        }
        return call
    }

    /// A call is over.
    fileprivate mutating func end(_ question: UInt64) -> MemberCalls.OpenCall? {
        guard let call = open.removeValue(forKey: question) else { return nil }
        let way = MemberCalls.Way(call.call)
        ways[way]?.onTheirWay -= 1
        if let traffic = ways[way], traffic.onTheirWay == 0, traffic.waiting.isEmpty { ways[way] = nil }
        return call
    }

    /// All calls to some members are over.
    fileprivate mutating func forget(_ isGone: (UInt64) -> Bool) -> [MemberCalls.OpenCall] {
        ways = ways.filter { !isGone($0.key.member) }
        let gone = open.filter { isGone($0.value.call.member.incarnation) }
        for question in gone.keys { open[question] = nil }
        return Array(gone.values)
    }
}

extension MemberCalls.OpenCall {
    /// Why there is no answer to what was sent.
    fileprivate func lost(_ reason: String) -> LockstepError {
        call.isQuery
            ? LockstepError(.noAnswer, "\(reason). A query changes nothing: ask again.")
            : LockstepError(.outcomeUnknown, "\(reason); the call may have run there, or may run later.")
    }
}
