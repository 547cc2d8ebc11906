import Lockstep
import LockstepProtocol

/// What the replicas of a simulated cluster are besides a count of updates, and who uses them.
protocol ClusterService: AnyObject {
    /// A replica of a shard, without a state.
    func makeReplica(of shard: Int, at process: ClusterProcess) -> any OrderedReplica

    /// The cluster exists, and nothing has happened yet.
    func begin(in world: ClusterWorld)

    /// A process begins a turn.
    func noteTurn(of process: ClusterProcess)

    /// Until when the others go on with a process in any case.
    func noteLease(until end: Int64, of process: ClusterProcess)

    /// A process has delivered something.
    func noteDelivery(at process: ClusterProcess)

    /// Its own update has come to something at the process that has sent it.
    func note(_ reply: DetachedReply, to update: ClusterUpdate, shard: Int, at process: ClusterProcess)

    /// A query may be answered from the replica as it is.
    func noteAnswer(to query: ClusterQuery, at process: ClusterProcess)

    /// The replicas of a shard have come to a point that all of them come to, with the same state.
    func note(_ replica: any OrderedReplica, of shard: Int, at point: String, by process: ClusterProcess)

    /// A process is asked to leave, and does nothing more on its own account.
    func noteLeaving(of process: ClusterProcess)

    /// A process has died, or the others go on without it.
    func noteEnd(of process: ClusterProcess)

    /// Nothing goes wrong any more.
    func heal()

    /// True if nobody waits for anything.
    var isAtRest: Bool { get }

    /// Who waits, for people.
    var summary: String { get }

    /// Looks at everything that was done, at last.
    func finish(isAtRest: Bool) throws

    /// How much was done of what, by its name.
    var counts: [String: Int] { get }

    /// Cuts what holds itself in circles.
    func dissolve()
}
