import CLockstep
import Glibc
import Synchronization

/// The thread of a registrar, as the node that runs it holds it.
final class RegistrarThread: Sendable {
    private let orders: RegistrarOrders
    private let thread: BlockingThread

    /// Gathers the nodes of a cluster, or answers for a cluster that runs.
    init(
        listener: any ControlListener, for host: RendezvousRequest, running: RunningCluster? = nil
    ) throws(RendezvousError) {
        let orders = RegistrarOrders(wake: try PollWake(), running: running)
        self.orders = orders
        thread = try .make(name: "registrar") {
            Registrar(listener, orders, host: host).run()
        }
    }

    /// From now on it answers with another view.
    func answer(with cluster: RunningCluster) {
        orders.give { $0.running = cluster }
    }

    /// Returns when the thread has ended and lets go of the address.
    func stop() {
        orders.give { $0.hasEnded = true }
        thread.finish()
    }
}

/// A cluster that runs: what whoever comes to it must know.
struct RunningCluster: Sendable, Equatable {
    let view: UInt64
    let members: [MeshNode]
}

/// What the rest of the process wants of the registrar's thread.
final class RegistrarOrders: Sendable {
    struct Wanted {
        var running: RunningCluster?
        var hasEnded = false
    }

    let wake: PollWake
    private let wanted: Mutex<Wanted>

    init(wake: PollWake, running: RunningCluster?) {
        self.wake = wake
        wanted = Mutex(Wanted(running: running))
    }

    var current: Wanted { wanted.withLock { $0 } }

    func give(_ change: (inout Wanted) -> Void) {
        wanted.withLock { change(&$0) }
        wake.wake()
    }
}

/// Brings the nodes of one cluster together: a loop that sleeps in poll until somebody says something.
///
/// Nobody can hold it up: it never waits for one connection, and whoever breaks a rule loses its connection.
final class Registrar {
    enum Phase {
        /// Not everybody is here.
        case gathering
        /// Everybody is, and connects to the others.
        case proposed(Proposal)
        case running(RunningCluster)
    }

    final class Proposal {
        let attempt: UInt64
        let members: [RegistrarConnection]
        /// Who has not been sent it yet.
        var unsent: ArraySlice<RegistrarConnection>

        init(attempt: UInt64, members: [RegistrarConnection]) {
            self.attempt = attempt
            self.members = members
            unsent = members[...]
        }
    }

    private let orders: RegistrarOrders
    let host: RendezvousRequest
    var listener: any ControlListener
    var phase = Phase.gathering
    var attempts: UInt64 = 0
    /// In the order in which they came.
    var connections: [RegistrarConnection] = []
    /// Closed, but the others do not know it yet.
    var departures: [RegistrarConnection] = []
    var isPresenceNews = false
    var door: DoorLog

    init(_ listener: any ControlListener, _ orders: RegistrarOrders, host: RendezvousRequest) {
        self.listener = listener
        self.orders = orders
        self.host = host
        door = DoorLog(host.logger)
    }

    func run() {
        while isWanted() { turn(until: nextDeadline()) }
        // What the nodes have said before the end is still answered.
        let lastTurnsMax = 16
        for _ in 0..<lastTurnsMax { turn(until: 0) }
        orders.wake.close()
    }

    /// Takes the orders; whatever is ordered later wakes the next turn.
    private func isWanted() -> Bool {
        orders.wake.clear()
        let wanted = orders.current
        if let running = wanted.running { phase = .running(running) }
        return !wanted.hasEnded
    }

    private func turn(until deadline: Int64?) {
        let watched = connections
        var polled = [pollfd(reading: orders.wake.reader), listener.polled]
        polled += watched.map { $0.socket?.polled(forRoom: false) ?? pollfd(reading: -1) }
        pollDescriptors(&polled, until: deadline)
        // Connections before new ones: a node that comes back must not find its former self.
        for (connection, poll) in zip(watched, polled.dropFirst(2)) where poll.revents != 0 {
            receive(from: connection)
        }
        if polled[1].revents != 0 { listener.acceptAll().forEach(admit) }
        expire()
        settle()
    }

    /// Acts on what has changed until nothing does.
    private func settle() {
        repeat {
            while !departures.isEmpty { seeOff(departures.removeFirst()) }
            switch phase {
            case .gathering: proposeIfComplete()
            case .proposed(let proposal): advance(proposal)
            case .running: break
            }
            announcePresence()
        } while !departures.isEmpty
    }
}
