import Lockstep

/// What the members of a cluster and its clients share by name, as this process takes part in it: locks, semaphores,
/// elections, barriers.
///
/// ```swift
/// let coordination = try await node.coordination()
/// try await coordination.lock("runway-3").withLock { token in try await land(token) }
/// ```
///
/// Every member asks its node for it once, when it starts; calls wait until all of them have. A client asks for it
/// too, and has the same then: see ``Lockstep/Client/coordination(through:)``.
public final class Coordination: Sendable {
    /// How members share. All of them should have the same.
    public struct Options: Sendable, Hashable {
        /// For how long what a silent member holds is kept for it, after the others have gone on without it; what a member
        /// held that has left or died is free at once. A member that is cut off gives up what it holds after four fifths
        /// of this, so that it does no later than others can have it.
        ///
        /// Nil stands for five times `NodeConfiguration.failureTimeout`. It should not be less than twice that, since a
        /// member cannot tell a change of views from being cut off before it is over.
        public var grace: Duration?

        /// What suits most clusters.
        public init() {}
    }

    let coordinator: Coordinator.Handle
    let store: Store.Handle
    let desk: Desk
    let scopes: Scopes
    /// Sees what was published to this process.
    let consistency: Consistency
    /// After so long out of touch nothing belongs to this process any more, whatever the cluster says.
    private let forgottenAfter: Duration?

    private init(
        _ coordinator: Coordinator.Handle, _ store: Store.Handle, patience: Duration, on executor: (any TaskExecutor)?,
        _ consistency: Consistency, forgottenAfter: Duration? = nil
    ) {
        (self.coordinator, self.store, self.consistency) = (coordinator, store, consistency)
        self.forgottenAfter = forgottenAfter
        let scopes = Scopes(patience: patience) { coordinator.group.timeOutOfTouch }
        self.scopes = scopes
        desk = Desk(coordinator.group, on: executor) { scopes.cancelAll() }
    }

    convenience init(_ node: Node, _ options: Options) async throws {
        let grace = options.grace ?? node.configuration.failureTimeout * 5
        guard grace >= .milliseconds(10) else {
            throw CoordinationError(.invalid, "`grace` must be 10 milliseconds or more, and is \(grace).")
        }
        var group = GroupOptions()
        group.changesKept = 1 << 16
        let coordinator = try await node.host(Self.turns, options: group) {
            Coordinator(grace: grace, actorSystem: $0)
        }
        let store = try await node.host(Self.values, options: group) { Store(actorSystem: $0) }
        // Its replica has executed what is published; and on its thread no other has to wake up for that.
        self.init(coordinator, store, patience: grace * 4 / 5, on: node.executor, .local)
    }

    convenience init(_ client: Client, _ policy: MemberPolicy) async throws {
        let coordinator = try await client.group(Coordinator.self, Self.turns, through: policy)
        let store = try await client.group(Store.self, Self.values, through: policy)
        let timeout = client.configuration.sessionTimeout
        self.init(
            coordinator, store, patience: timeout * 4 / 5, on: nil, .linearizable, forgottenAfter: timeout * 2)
        // So that it is not late when its turn comes.
        desk.beginReading()
    }

    private static let turns: GroupID = "coordination.turns"
    private static let values: GroupID = "coordination.values"

    // MARK: - Turns

    /// Sends a request, and waits for its turn if that has not come.
    ///
    /// - Parameters:
    ///   - request: Sends it; returns a token if it is this one's turn already.
    ///   - withdraw: Takes it back, whatever has become of it.
    func turn(
        at key: String, within timeout: Duration?, _ request: (Ticket) async throws -> UInt64?,
        withdraw: @escaping @Sendable (Ticket) async throws -> Void
    ) async throws -> (ticket: Ticket, token: UInt64) {
        let (ticket, turn) = desk.open(key)
        do {
            if let token = try await request(ticket), desk.close(ticket) { return (ticket, token) }
            return (ticket, try await token(of: turn, within: timeout))
        } catch {
            desk.close(ticket)
            Task.immediate { await insist { try await withdraw(ticket) } }
            // What a call throws then says that its outcome is unknown, and that is over.
            throw Task.isCancelled ? CancellationError() : error
        }
    }

    private func token(of turn: Turn, within timeout: Duration?) async throws -> UInt64 {
        guard let timeout else { return try await turn.token() }
        let alarm = Task {
            try await Task.sleep(for: timeout)
            turn.end(.failure(CoordinationError.timedOut(turn.key, after: timeout)))
        }
        defer { alarm.cancel() }
        return try await turn.token()
    }

    /// Does something until it is done, or until this process has no part in the cluster: then it holds nothing, and this is
    /// false.
    @discardableResult
    private func insist(_ body: @Sendable () async throws -> Void) async -> Bool {
        while forgottenAfter.map({ coordinator.group.timeOutOfTouch < $0 }) ?? true {
            do {
                try await body()
                return true
            } catch let error as LockstepError where Self.ends.contains(error.code) {
                return false
            } catch {
                try? await Task.sleep(for: .milliseconds(100))
            }
        }
        return false
    }

    private static let ends: Set<LockstepError.Code> = [.excluded, .notMember, .sessionExpired, .clientClosed]

    /// Gives back what is held, also when the task is cancelled; false if it was not held any more, because this process has
    /// no part in the cluster.
    @discardableResult
    func giveBack(_ body: @escaping @Sendable () async throws -> Void) async -> Bool {
        // As a rule once is enough, and needs no task of its own.
        if (try? await body()) != nil { return true }
        return await Task.immediate { [self] in await insist(body) }.value
    }
}

extension Node {
    /// What the members of the cluster share by name. Every member asks for it once, when it starts.
    ///
    /// - Parameter options: They count when it is asked for the first time on this node.
    public func coordination(
        _ options: Coordination.Options = Coordination.Options()
    ) async throws -> Coordination {
        try await companion { try await Coordination($0, options) }
    }

    /// The lock of a name: see ``Coordination/lock(_:)``.
    public func lock(_ name: String) async throws -> Lock { try await coordination().lock(name) }
}

extension Client {
    /// What the members of the cluster share by name, for this client: with a lock of it, members and clients wait for
    /// each other. The members have asked for theirs (``Lockstep/Node/coordination(_:)``).
    ///
    /// ```swift
    /// let coordination = try await client.coordination()
    /// try await coordination.lock("runway-3").withLock { token in try await land(token) }
    /// ```
    ///
    /// Ask once, and keep it. It lives as long as its sessions with the groups behind it: when they have not heard of the
    /// client for `ClientConfiguration.sessionTimeout`, or the client closes, what it held is free for others. The
    /// client gives that up by itself after four fifths of that time, so that it does no later than others have it, as
    /// long as the members' clocks differ by less than the rest. Calls throw `sessionExpired` from then on; ask again.
    ///
    /// What goes wrong in the replicas, such as ``CoordinationError/Code/differs``, comes to a client as
    /// `LockstepError.Code.methodThrew`, with its description.
    ///
    /// - Parameter policy: Which member is called.
    /// - Throws: `LockstepError`: `groupNotHosted` if no member shares anything.
    public func coordination(through policy: MemberPolicy = .first) async throws -> Coordination {
        try await Coordination(self, policy)
    }
}
