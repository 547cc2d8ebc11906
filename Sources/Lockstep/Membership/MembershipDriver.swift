import CLockstep
import LockstepFabric
import LockstepProtocol
import Logging
import Synchronization

/// Runs this node's part in the agreement on views, on a thread of its own: a slow update must never look like a dead
/// node. It steps the ``MembershipMachine``, and does what that says.
final class MembershipDriver: Sendable {
    private let inbox = Mutex(Inbox())
    private let waker: FabricWaker

    /// The shortest that the kernel knows, in nanoseconds.
    private static let slice: Int64 = 100_000

    private struct Inbox {
        var orders: [Order] = []
        var hasEnded = false
    }

    /// What other threads have to tell the membership.
    enum Order: Sendable {
        /// The memory of a node is here.
        case connected(MemberRecord, any PeerMemory)
        /// Every shard is frozen, and has received this much.
        case wedged([ShardFinal])
        case installed(view: UInt64)
        /// This learner wants to be a member.
        case ready
        /// A group has a new replica in the view after this.
        case requestView(UInt64)
        case leave
        /// The others have gone on to this view without this node.
        case replaced(view: UInt64)
        case stop
    }

    init(region: SharedMemoryRegion) { waker = region.waker(of: .membership) }

    /// Leaves an order; nothing happens after the end.
    func tell(_ order: Order) {
        let isTaken = inbox.withLock { inbox in
            if !inbox.hasEnded { inbox.orders.append(order) }
            return !inbox.hasEnded
        }
        if isTaken { waker.wake() }
    }

    /// Starts the thread. It ends when the node is out of the cluster, or was told to stop.
    func start(_ make: @escaping @Sendable () throws -> MembershipLoop) throws(LockstepError) {
        do {
            _ = try BlockingThread(name: "lockstep-member") { [self] in
                // It runs for microseconds and then sleeps. Where cores are busy it should not have to wait for its turn
                // behind others that do not: a process that dies has its core for milliseconds. A real-time priority
                // would be more, and takes everything from everybody where a host has hardly any processor left: then the
                // updates that the heartbeats vouch for stand still. A kernel that knows of no slices does without.
                _ = lockstep_slice(Self.slice)
                // What cannot be made here says so to whoever waits for the first view.
                guard let loop = try? make() else { return }
                loop.run(takeOrders)
                inbox.withLock { $0.hasEnded = true }
            }
        } catch {
            throw LockstepError(.unsupportedHost, error.description, cause: error)
        }
    }

    private func takeOrders() -> [Order] {
        inbox.withLock { inbox in
            defer { inbox.orders = [] }
            return inbox.orders
        }
    }
}
