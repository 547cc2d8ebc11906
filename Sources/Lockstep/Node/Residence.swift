import Logging
import Synchronization

/// A node through all its incarnations: the present one, and what it takes to make the next, when the others have gone on
/// without this one.
///
/// The next incarnation has everything new, its memory too: somebody may still read that of the one before. What users
/// hold leads on to it: the channels of their handles, the registry of their references, and the feed of their views.
final class Residence: Sendable {
    /// Between two tries to come back.
    private static let pause = Duration.seconds(1)

    let configuration: NodeConfiguration
    private let logger: Logger
    private let state: Mutex<State>
    private let statusServer = Mutex<StatusServer?>(nil)

    private struct State {
        var tenure: Tenure
        var hosted: [Hosted] = []
        /// Brings the node back.
        var keeper: Task<Void, Never>?
        /// True if it is not to come back: from here on the tenure is the last.
        var isLeaving = false
    }

    /// A group as its user has hosted it.
    private struct Hosted {
        /// That of the handle.
        let channel: CallChannel
        let open: @Sendable (Tenure) async throws -> CallChannel
    }

    init(_ configuration: NodeConfiguration, _ tenure: Tenure, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        state = Mutex(State(tenure: tenure))
        serveStatus()
        guard configuration.rejoin == .automatically else { return }
        let keeper = Task { await keep() }
        state.withLock { $0.keeper = keeper }
    }

    /// The present incarnation, or the last.
    var tenure: Tenure { state.withLock(\.tenure) }

    /// Tells others on this host how the node stands.
    private func serveStatus() {
        do {
            let server = try StatusServer(cluster: configuration.cluster, node: configuration.name) { [self] in
                try await tenure.status()
            }
            statusServer.withLock { $0 = server }
        } catch {
            logger.warning("`lockstep status` cannot ask this node", metadata: ["reason": "\(error)"])
        }
    }

    /// Hosts a group, now and in every later incarnation.
    func host(_ open: @escaping @Sendable (Tenure) async throws -> CallChannel) async throws -> CallChannel {
        while true {
            let tenure = tenure
            let channel = try await open(tenure)
            let isPresent = state.withLock { state in
                guard state.tenure === tenure else { return false }
                state.hosted.append(Hosted(channel: channel, open: open))
                return true
            }
            if isPresent { return channel }
        }
    }

    /// Leaves, and does not come back. Nothing happens the second time.
    func leave() async {
        let keeper = state.withLock { state in
            state.isLeaving = true
            return state.keeper
        }
        keeper?.cancel()
        await tenure.handOver()
        await tenure.leave()
        await keeper?.value
        tenure.membership.feed.end()
        statusServer.withLock { $0 }?.stop()
    }

    // MARK: - Coming back

    private func keep() async {
        while await tenure.membership.isExcludedAtTheEnd() {
            await tenure.leave(because: tenure.membership.ending)
            guard let next = await comeBack() else { return }
            guard await move(to: next) else { return await next.leave() }
        }
    }

    /// Joins again, until that succeeds; nil if the node is to leave.
    private func comeBack() async -> Tenure? {
        while !Task.isCancelled {
            do {
                return try await Tenure.join(configuration, feed: tenure.membership.feed, logger: logger)
            } catch is CancellationError {
                return nil
            } catch {
                logger.error("this node has not come back yet", metadata: ["reason": "\(error)"])
                try? await Task.sleep(for: Self.pause)
            }
        }
        return nil
    }

    /// Goes on as another incarnation; false if the node is to leave.
    private func move(to next: Tenure) async -> Bool {
        let before = state.withLock { state -> State? in
            guard !state.isLeaving else { return nil }
            defer { state.tenure = next }
            return state
        }
        guard let before else { return false }
        before.tenure.registry.supersede(by: next.registry)
        for group in before.hosted {
            do {
                group.channel.supersede(by: try await group.open(next))
            } catch {
                logger.error(
                    "a group is not hosted any more",
                    metadata: ["group": "\(group.channel.group)", "reason": "\(error)"])
            }
        }
        return true
    }
}
