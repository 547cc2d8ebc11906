import Lockstep

/// What the members of a cluster share by name, as this node takes part in it: locks, semaphores, elections, barriers.
///
/// ```swift
/// let coordination = try await node.coordination()
/// try await coordination.lock("runway-3").withLock { token in try await land(token) }
/// ```
///
/// Every member asks its node for it once, when it starts; calls wait until all of them have.
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

    init(_ node: Node, _ options: Options) async throws {
        let grace = options.grace ?? node.configuration.failureTimeout * 5
        guard grace >= .milliseconds(10) else {
            throw CoordinationError(.invalid, "`grace` must be 10 milliseconds or more, and is \(grace).")
        }
        var group = GroupOptions()
        group.changesKept = 1 << 16
        coordinator = try await node.host("coordination.turns", options: group) {
            Coordinator(grace: grace, actorSystem: $0)
        }
        store = try await node.host("coordination.values", options: group) { Store(actorSystem: $0) }
        let scopes = Scopes(node, patience: grace * 4 / 5)
        self.scopes = scopes
        desk = Desk(coordinator.group, on: node) { scopes.cancelAll() }
    }

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
            Task.immediate { await Self.insist { try await withdraw(ticket) } }
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

    /// Does something until it is done, or until this node is out of the cluster: then it holds nothing.
    private static func insist(_ body: @Sendable () async throws -> Void) async {
        while true {
            do {
                return try await body()
            } catch let error as LockstepError where [.excluded, .notMember].contains(error.code) {
                return
            } catch {
                try? await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    /// Gives back what is held, also when the task is cancelled.
    func giveBack(_ body: @escaping @Sendable () async throws -> Void) async {
        await Task.immediate { await Self.insist(body) }.value
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
