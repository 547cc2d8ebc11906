import LockstepProtocol
import Logging

/// The groups of a cluster as the catalogue of this node had them at some moment.
struct CatalogueCopy: Sendable {
    private(set) var state = CatalogueState()
    /// False as long as another member has to give it to this node.
    private(set) var isWhole = false

    init() {}

    init(_ catalogue: Catalogue) { (state, isWhole) = (catalogue.state, catalogue.isWhole) }
}

/// The groups of a cluster, as a group itself: the first of every view, at a place that all members know.
///
/// What it keeps is ``CatalogueState``. An update in its total order means that every member agrees who was first, and
/// from when on a group is active.
final class Catalogue: Replica, ReplicaState {
    static let group = GroupID("lockstep.catalogue")
    static let shard = 0
    static let bell = 0
    static let strand = 0
    static let ringSize = 1 << 16

    private(set) var view: View
    private(set) var state: CatalogueState
    private(set) var updates: UInt64 = 0
    /// False at a node that has just come, until another has given it the catalogue.
    var isWhole: Bool
    private let poller: Poller
    private let logger: Logger

    init(view: View, isWhole: Bool, poller: Poller, logger: Logger) {
        self.view = view
        self.isWhole = isWhole
        self.poller = poller
        self.logger = logger
        state = CatalogueState()
    }

    /// The catalogue's own shard: the first that every node takes from its region.
    static func layout(of view: View) -> ShardLayout {
        ShardLayout(
            view: view.number,
            members: view.members.map { member in
                .init(
                    peer: member.peer, line: ShardPlace.catalogue.line(in: view.number),
                    ring: ShardPlace.catalogue.ring(in: view.number)
                )
            },
            me: view.rank
        )
    }

    /// The next view begins: everything that was delivered in the one before has been.
    func enter(_ view: View, _ replicas: [View.Member], at level: Int) {
        self.view = view
        state.enter(view)
    }

    var hasState: Bool { true }

    func takeSnapshot() -> ReplicaSnapshot {
        var writer = StateWriter()
        writer.write(state, named: "groups")
        return ReplicaSnapshot(updates: updates, executed: [], state: .captured(writer.finish()))
    }

    func restore(from snapshot: ReplicaSnapshot) throws { take(try Self.read(snapshot), with: snapshot) }

    /// What has not come yet is waited for elsewhere.
    func restore(from snapshot: ReplicaSnapshot, then done: @escaping @Sendable (Result<Void, any Error>) -> Void) {
        // It is touched on the poller only.
        nonisolated(unsafe) let catalogue = self
        let poller = poller
        BlockingThread.run(named: "lockstep-state") {
            let result = Result { try Self.read(snapshot) }
            poller.run { _ in done(result.map { catalogue.take($0, with: snapshot) }) }
        }
    }

    private static func read(_ snapshot: ReplicaSnapshot) throws -> CatalogueState {
        defer { snapshot.finish() }
        return try snapshot.makeReader().read("groups", or: CatalogueState())
    }

    private func take(_ state: CatalogueState, with snapshot: ReplicaSnapshot) {
        self.state = state
        updates = snapshot.updates
    }

    // MARK: - Replica

    func deliver(from core: inout OrderedMulticast, own: inout OwnMessages) throws(ProtocolError) -> Bool {
        var hasDelivered = false
        while let message = try core.next() {
            hasDelivered = true
            var pending: PendingReply?
            if case .reply(let reply) = own.take(message) { pending = reply }
            // A message without content marks the place of a query.
            guard !message.payload.isEmpty else {
                pending?.succeed(())
                continue
            }
            updates += 1
            update(message, pending)
        }
        return hasDelivered
    }

    func execute(_ message: KeptMessage) {
        guard !message.payload.isEmpty else { return }
        updates += 1
        message.withMessage { update($0, nil) }
    }

    private func update(_ message: OrderedMulticast.Message, _ pending: PendingReply?) {
        let sender = view.members[message.sender]
        do {
            switch try CatalogueUpdate(message.payload) {
            case .host(let registration):
                let outcome = state.host(registration, on: sender, in: view)
                if case .differs(let difference) = outcome {
                    note("cannot host", registration.group, sender, difference)
                }
                pending?.succeed(outcome)
            case .restored(let group):
                state.noteRestored(group, on: sender)
                pending?.succeed(())
            case .laidOut(let group, let question, let answer):
                state.note(answer, for: group, to: question, on: sender, in: view)
                pending?.succeed(())
            case .leaving:
                state.noteLeaving(sender)
                pending?.succeed(())
            case .refused(let group, let reason):
                note("cannot take the state of", group, sender, reason)
                pending?.succeed(())
            }
        } catch {
            pending?.fail(
                LockstepError(.decodingFailed, "A message about a group cannot be read: \(error)", cause: error)
            )
        }
    }

    /// A member is of no use to a group: all members say so.
    private func note(_ what: String, _ group: String, _ member: View.Member, _ reason: String) {
        logger.warning(
            "a member \(what) a group", metadata: ["member": "\(member)", "group": "\(group)", "reason": "\(reason)"])
    }
}
