/// A replicated actor that hears of every change among its replicas.
///
/// ```swift
/// @Replicated
/// distributed actor Locks: ViewAware {
///     private var holders: [String: UInt64] = [:]
///
///     distributed func take(_ lock: String) -> Bool {
///         guard holders[lock] == nil else { return false }
///         holders[lock] = context.caller.incarnation
///         return true
///     }
///
///     func viewChanged(_ view: GroupView) {
///         let gone = Set(view.gone.map(\.incarnation))
///         holders = holders.filter { !gone.contains($0.value) }
///     }
/// }
/// ```
public protocol ViewAware: ReplicatedActor {
    /// The group goes on with other replicas than before, or with the same in another view.
    ///
    /// It is an update of its own, which nobody sends: it runs on every replica that has the state, behind every update
    /// of the view before and before any of the new one. So it may change what updates change, and leave effects. Its
    /// `context` has the time at which the change was proposed, a ``UpdateContext/version`` of its own, and the first
    /// replica as caller. A replica that is new gets a state in which it has run already.
    ///
    /// It runs from the second view of a group on, and in those views only in which every replica's release has it.
    func viewChanged(_ view: GroupView)
}

/// The replicas of a group in a view, equal on all of them.
public struct GroupView: Sendable, Hashable {
    /// The number of the view. Some may be left out: those that the group was not active in.
    public let number: UInt64
    /// The replicas, in rank order.
    public let replicas: [View.Member]
    /// How they differ from those of the view before. Who joins is about to get the state.
    public let change: View.Change

    /// Those that were replicas and are none any more, for whatever reason, in the order of their ranks.
    public var gone: [View.Member] { change.gone }
    /// Those that were no replicas before.
    public var joined: [View.Member] { change.joined }

    /// - Parameters:
    ///   - view: The view of the cluster, which is not its first.
    ///   - replicas: The replicas in it.
    ///   - former: Those of the view before, by incarnation.
    init?(_ view: View, _ replicas: [View.Member], former: Set<UInt64>) {
        guard let change = view.change, !former.isEmpty else { return nil }
        func wereReplicas(_ members: [View.Member]) -> [View.Member] {
            members.filter { former.contains($0.incarnation) }
        }
        number = view.number
        self.replicas = replicas
        self.change = View.Change(
            time: change.time, joined: replicas.filter { !former.contains($0.incarnation) },
            left: wereReplicas(change.left), failed: wereReplicas(change.failed), silent: wereReplicas(change.silent)
        )
    }
}

extension ViewAware {
    /// Runs the actor's own method in its isolation.
    nonisolated func note(_ view: GroupView) { inIsolation { $0.viewChanged(view) } }
}
