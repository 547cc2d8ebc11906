import LockstepFabric
import LockstepProtocol
import Logging
import Synchronization

/// A node in its cluster: what its threads do for each other when views change.
///
/// The membership's thread decides when a view ends and what the next one is, the poller's freezes the shards and
/// begins them anew, and the mesh's hears from nodes that join and from replicas that need state.
final class ClusterMember: MembershipHost, MembershipPort {
    let me: MemberRecord
    let driver: MembershipDriver
    let exchange: StateExchange
    private let parts: Membership.Parts
    private let rendezvous: Rendezvous
    let desk: ClusterDesk
    private let logger: Logger
    private let state = Mutex(State())

    private struct State {
        /// Nil until this node is a member.
        var feed: ViewFeed?
        var view: MembershipView?
        /// Who waits for this node to be a member, or to be out.
        var joining: CheckedContinuation<ViewFeed, any Error>?
        var waitingForEnd: [CheckedContinuation<Void, Never>] = []
        var ending: LockstepError?
        /// Why this node leaves, if nobody asked it to.
        var reason: LockstepError?
        /// True while this member hears less than a majority.
        var isLonely = false
        /// Members of a view that waits for their memory.
        var awaited: [MemberRecord] = []
        /// How the last views began, the latest last.
        var changes: [ViewChangeReport] = []
    }

    /// How many reports are kept.
    private static let changesMax = 16
    /// Between two questions of a member that hears no majority.
    private static let questionPause = Duration.milliseconds(100)

    init(
        me: MemberRecord, _ parts: Membership.Parts, _ rendezvous: Rendezvous, _ desk: ClusterDesk, logger: Logger
    ) {
        self.me = me
        self.parts = parts
        self.rendezvous = rendezvous
        self.desk = desk
        self.logger = logger
        driver = MembershipDriver(region: parts.region)
        exchange = StateExchange(pollers: parts.pollers, mesh: rendezvous.mesh) {
            desk.mirror(of: $0) is SharedMemoryMirror
        }
        parts.calls.begin(over: rendezvous.mesh)
    }

    // MARK: - For the node

    /// The view that this node is in, as those who join have to know it.
    var view: MembershipView? { state.withLock(\.view) }

    /// Why this node is out of the cluster.
    var ending: LockstepError { state.withLock { $0.ending } ?? CallChannel.hasLeft }

    /// How the last views began, the latest last.
    var changes: [ViewChangeReport] { state.withLock(\.changes) }

    /// What moves the bytes between this node and another, and why.
    func link(to node: UInt64) -> (NodeStatus.Link, reason: String)? { desk.link(to: node) }

    /// Why this node is out of the cluster, if nobody asked it to leave.
    var failure: LockstepError? { state.withLock { $0.ending.flatMap { $0.code == .notMember ? nil : $0 } } }

    /// True until this node is a member, or has given up.
    var isOutside: Bool { state.withLock { $0.feed == nil && $0.ending == nil } }

    /// Begins the first view, or waits for the one that takes this node in.
    func join(_ start: (ClusterMember) throws -> Void) async throws -> ViewFeed {
        try await withCheckedThrowingContinuation { continuation in
            state.withLock { $0.joining = continuation }
            do {
                try start(self)
            } catch {
                finishJoining(.failure(error))
            }
        }
    }

    /// Gives up joining.
    func abandon(_ error: any Error) {
        driver.tell(.stop)
        state.withLock { $0.ending = $0.ending ?? CallChannel.hasLeft }
        finishJoining(.failure(error))
    }

    private func finishJoining(_ result: Result<ViewFeed, any Error>) {
        let joining = state.withLock { state in
            defer { state.joining = nil }
            return state.joining
        }
        joining?.resume(with: result)
    }

    /// Asks the others to go on without this node, waits until they do, and ends its part. If they cannot, because they
    /// lack a majority, it goes all the same.
    func leave(patience: Duration) async {
        let limit = Task { [self] in
            try await Task.sleep(for: patience)
            end(.left)
        }
        driver.tell(.leave)
        await waitForEnd()
        limit.cancel()
        close()
    }

    /// Waits until this node is out of the cluster, for whatever reason.
    func waitForEnd() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                if state.ending == nil { state.waitingForEnd.append(continuation) }
                return state.ending != nil
            }
            if hasEnded { continuation.resume() }
        }
    }

    /// Ends its part without a word: the others find it gone.
    func quit() {
        end(.left)
        close()
    }

    /// Ends what still runs.
    private func close() {
        driver.tell(.stop)
        exchange.close()
        calls.end(because: ending)
        desk.close()
        rendezvous.leave()
    }

    /// What members call on this one alone, and what they answer it.
    var calls: MemberCalls { parts.calls }

    /// Tells a node something.
    func send(_ message: ClusterMessage, to node: UInt64) {
        guard let bytes = try? message.bytes else { return }
        rendezvous.mesh.send(ClusterMessage.kind, bytes, to: node)
    }

    /// The memory of a node is here; a view may wait for it, or have it again.
    func noteConnected(_ node: UInt64, _ mirror: any PeerMemory) {
        calls.noteConnected(node)
        let record = state.withLock { state in
            state.awaited.firstIndex { $0.incarnation == node }.map { state.awaited.remove(at: $0) }
                ?? state.view?.members.first { $0.incarnation == node }
        }
        if let record { driver.tell(.connected(record, mirror)) }
    }

    /// A node was not reached; a view may wait for it, or have lost it.
    func noteUnreachable(_ node: MeshNode) {
        let isAwaited = state.withLock { state in
            let members = state.ending == nil ? state.view?.members ?? [] : []
            return (state.awaited + members).contains { $0.incarnation == node.id }
        }
        if isAwaited { rendezvous.mesh.connectAgain(to: node) }
    }

    // MARK: - Views

    func wedge(view: UInt64) {
        let wedge: @Sendable (PollerLoop) -> [ShardFinal] = { $0.view.number == view ? $0.wedge() : [] }
        parts.pollers.runInOrder(wedge, { loop, _ in wedge(loop) }) { [driver] finals in
            driver.tell(.wedged(finals.flatMap(\.self)))
        }
    }

    func install(_ installation: Installation, _ mirrors: [Peer: any PeerMemory]) {
        let view: View
        do {
            view = try View(installation.view, me: me, change: View.Change(installation))
        } catch {
            return abandon(error)
        }
        state.withLock { $0.awaited = [] }
        let members = Set(view.members.map(\.incarnation))
        exchange.keep(only: members)
        calls.keep(only: members)
        if state.withLock({ $0.feed == nil }) {
            begin(view, installation.view, mirrors, hasCatalogue: false)
        } else {
            let install: @Sendable (PollerLoop, CatalogueCopy?) -> CatalogueCopy = { loop, catalogue in
                loop.install(view, catalogue, trim: { installation.trim(of: $0) ?? 0 }) { fabric in
                    (fabric as? NodeFabric)?.connect(only: mirrors)
                }
                return loop.catalogue
            }
            parts.pollers.runInOrder({ install($0, nil) }, install) { [self] catalogues in
                note(view, installation.view, isWhole: catalogues[0].isWhole)
            }
        }
    }

    /// The first view of this node begins.
    func begin(
        _ view: View, _ installed: MembershipView, _ mirrors: [Peer: any PeerMemory], hasCatalogue: Bool
    ) {
        calls.keep(only: Set(view.members.map(\.incarnation)))
        do {
            for poller in parts.pollers.all { try start(poller, view, mirrors, hasCatalogue: hasCatalogue) }
        } catch {
            // Some may run already.
            parts.pollers.run { $0.stop(because: error) }
            return abandon(error)
        }
        let feed = parts.feed ?? ViewFeed(view)
        feed.publish(view)
        state.withLock { ($0.feed, $0.view) = (feed, installed) }
        if hasCatalogue { driver.tell(.installed(view: view.number)) }
        answer(view)
        logger.info("joined", metadata: ["view": "\(view)"])
        finishJoining(.success(feed))
    }

    private func start(
        _ poller: Poller, _ view: View, _ mirrors: [Peer: any PeerMemory], hasCatalogue: Bool
    ) throws(LockstepError) {
        let fabric = NodeFabric(own: parts.region, me: me.peer, memories: mirrors, channel: .poller(poller.index))
        let pollers = parts.pollers
        try poller.start(on: fabric) { [self] poller, fabric in
            let isFirst = poller === pollers.first
            return PollerLoop(
                poller: poller, fabric: fabric, view: view,
                catalogue: isFirst
                    ? Catalogue(view: view, isWhole: hasCatalogue, poller: poller, logger: logger) : nil,
                catalogueQueue: parts.catalogueQueue, others: isFirst ? pollers.others : [], membership: self
            )
        }
    }

    private func note(_ view: View, _ installed: MembershipView, isWhole: Bool) {
        let feed = state.withLock { state in
            state.view = installed
            return state.feed
        }
        if isWhole { driver.tell(.installed(view: view.number)) }
        answer(view)
        logger.debug("a view begins", metadata: ["view": "\(view)"])
        feed?.publish(view)
    }

    /// Tells those who come later who is here.
    private func answer(_ view: View) {
        do {
            try rendezvous.setMembers(view.members.map { MeshNode($0) }, view: view.number)
        } catch {
            logger.error("newcomers cannot be answered", metadata: ["error": "\(error)"])
        }
    }

    func noteFormed(view: UInt64) { logger.debug("every member has the view", metadata: ["view": "\(view)"]) }

    func connect(to nodes: [MemberRecord]) {
        state.withLock { $0.awaited = nodes }
        for node in nodes {
            if let mirror = desk.mirror(of: node.incarnation) {
                noteConnected(node.incarnation, mirror)
            } else if let node = try? node.node {
                rendezvous.mesh.connect(to: node)
            }
        }
    }

    func renew(_ member: MemberRecord) {
        guard let node = try? member.node else { return }
        logger.warning("the connection to a member has ended, and is made anew", metadata: ["member": "\(node.name)"])
        rendezvous.mesh.renew(node)
    }

    func noteMajority(_ isHeard: Bool) {
        state.withLock { $0.isLonely = !isHeard }
        guard !isHeard else { return logger.info("a majority of the view is heard again") }
        logger.error("less than a majority of the view is heard: nothing new is delivered until that changes")
        parts.pollers.run { $0.failInFlight(.noMajority) }
        askOthers()
    }

    /// Asks the others, as long as no majority is heard, whether they have gone on without this node: what moves the bytes may
    /// be broken for good, and then their rows say nothing any more.
    private func askOthers() {
        Task { [self] in
            while let view = state.withLock({ $0.isLonely && $0.ending == nil ? $0.view : nil }) {
                for member in view.members where member != me { send(.whichView, to: member.incarnation) }
                try await Task.sleep(for: Self.questionPause)
            }
        }
    }

    /// A member has told its view, in which it has been installed: so it was decided.
    func noteTold(_ told: MembershipView) {
        guard let view, view.number < told.number, told.rank(of: me) == nil else { return }
        driver.tell(.replaced(view: told.number))
    }

    func noteLease(until end: Int64) {
        if parts.pollers.lease.set(until: end) { parts.pollers.run { $0.noteLease() } }
    }

    func noteSuspects(_ suspects: [MemberRecord]) {
        let names = suspects.compactMap { try? $0.node.name }.sorted()
        guard !names.isEmpty else { return }
        logger.info("members are not heard", metadata: ["members": "\(names.joined(separator: ", "))"])
    }

    func noteStarved(_ member: MemberRecord) {
        guard let name = try? member.node.name else { return }
        logger.info("a member is silent because its host has no processor for it", metadata: ["member": "\(name)"])
    }

    func noteChange(_ change: ViewChangeTrace) {
        guard let report = ViewChangeReport(change) else { return }
        state.withLock { state in
            state.changes.append(report)
            if state.changes.count > Self.changesMax { state.changes.removeFirst() }
        }
        logger.info("the view has changed", metadata: ["change": "\(report)"])
    }

    func end(_ exclusion: Exclusion) {
        let (error, waiting, feed) = state.withLock { state in
            let error = state.reason ?? LockstepError(exclusion)
            state.ending = state.ending ?? error
            defer { state.waitingForEnd = [] }
            return (error, state.waitingForEnd, state.feed)
        }
        exchange.close()
        logger.info("this node is out of the cluster", metadata: ["reason": "\(error.message)"])
        // Who is excluded delivers nothing more: the others know better what became of it.
        parts.pollers.runInOrder { $0.fail(error, deliversTheRest: exclusion == .left) }
        finishJoining(.failure(error))
        if exclusion == .left || !parts.comesBack { feed?.end() }
        for waiter in waiting { waiter.resume() }
    }

    // MARK: - What the poller asks for

    func requestView(in view: UInt64) { driver.tell(.requestView(view)) }

    func noteCatalogue(in view: UInt64) { driver.tell(.installed(view: view)) }

    func requestState(of group: GroupID, from sources: [View.Member], shard: Int, in view: UInt64) {
        exchange.ask(sources, for: group, shard: shard, in: view)
    }

    var callDeadline: Int64? { calls.deadline }

    func expireCalls(at now: Int64) { calls.expire(at: now) }

    func endCalls(because error: LockstepError) { calls.end(because: error) }

    func transfer(to shard: Int) -> StateProgress? { exchange.progress(of: shard) }

    func giveUp(_ error: LockstepError) {
        logger.critical("this node leaves", metadata: ["reason": "\(error.message)"])
        state.withLock { $0.reason = $0.reason ?? error }
        driver.tell(.leave)
    }
}
