import CLockstep
import Glibc

/// The thread of a registrar, as the node that runs it holds it.
final class RegistrarThread {
    private let wake: RendezvousWake
    private let thread: BlockingThread

    init(listener: RendezvousDescriptor, for host: RendezvousRequest) throws(RendezvousError) {
        let wake = try RendezvousWake()
        self.wake = wake
        thread = try .make(name: "registrar") {
            Registrar(listener: listener, wake: wake, host: host).run()
        }
    }

    /// Returns when the thread has ended and the address is free.
    func stop() {
        wake.wake()
        thread.finish()
    }
}

/// Brings the nodes of one cluster together: a loop that sleeps in poll until somebody says something.
///
/// Nobody can hold it up: it never waits for one connection, and whoever breaks a rule loses its connection.
final class Registrar {
    enum Phase {
        /// Not everybody is here.
        case gathering
        /// Everybody is, and maps the memory of the others.
        case proposed(Proposal)
        /// The view is installed, with these in rank order.
        case formed([RegistrarConnection])
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

    let listener: RendezvousDescriptor
    let wake: RendezvousWake
    let host: RendezvousRequest
    var phase = Phase.gathering
    var attempts: UInt64 = 0
    /// In the order in which they came.
    var connections: [RegistrarConnection] = []
    /// Closed, but the others do not know it yet.
    var departures: [RegistrarConnection] = []
    var isPresenceNews = false
    /// Set while connections wait that this process has no descriptors or memory for.
    var listenerRestsUntil: Int64?

    init(listener: RendezvousDescriptor, wake: RendezvousWake, host: RendezvousRequest) {
        self.listener = listener
        self.wake = wake
        self.host = host
    }

    func run() {
        while turn(until: nextDeadline()) {}
        // What the nodes said before the end, the host's own goodbye first of all, still reaches the others.
        let lastTurnsMax = 16
        for _ in 0..<lastTurnsMax { _ = turn(until: 0) }
        wake.close()
    }

    /// False once the node wants it to end.
    private func turn(until deadline: Int64?) -> Bool {
        let watched = connections
        var polled = [pollfd(fd: wake.reader), pollfd(fd: listenerRestsUntil == nil ? listener.number : -1)]
        polled += watched.map { pollfd(fd: $0.socket?.descriptor.number ?? -1) }
        rendezvousPoll(&polled, until: deadline)
        // Connections before new ones: a node that comes back must not find its former self.
        for (connection, poll) in zip(watched, polled.dropFirst(2)) where poll.revents != 0 {
            receive(from: connection)
        }
        if polled[1].revents != 0 { acceptAll() }
        expire()
        settle()
        return polled[0].revents == 0
    }

    /// Acts on what has changed until nothing does.
    private func settle() {
        repeat {
            while !departures.isEmpty { seeOff(departures.removeFirst()) }
            switch phase {
            case .gathering: proposeIfComplete()
            case .proposed(let proposal): advance(proposal)
            case .formed: break
            }
            announcePresence()
        } while !departures.isEmpty
    }
}

extension pollfd {
    fileprivate init(fd: Int32) {
        self.init(fd: fd, events: Int16(POLLIN), revents: 0)
    }
}
