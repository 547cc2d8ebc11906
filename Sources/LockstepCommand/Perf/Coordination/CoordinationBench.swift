import CLockstep
import Lockstep
import LockstepCoordination

/// One member's part of a measurement.
struct CoordinationBench {
    private static let heldLocks = 10_000
    /// Fewer at a time begin, since each proves who it is within seconds.
    private static let beginningMax = 16
    /// Barriers are counted, so that all members agree on the last.
    private static let barriersPerSecond = 1000.0

    private let node: Node
    private let coordination: Coordination
    private let caller: CallerPlace
    private let members: Int
    private let clients: Int
    private let seconds: Double
    var figures = CoordinationFigures()

    init(_ node: Node, from caller: CallerPlace, members: Int, clients: Int, seconds: Double) async throws {
        (self.node, self.caller, self.members, self.clients, self.seconds) = (node, caller, members, clients, seconds)
        coordination = try await node.coordination()
        figures.rank = UInt64(node.membership.view.rank)
    }

    mutating func run(_ primitive: Primitive) async throws {
        try await meet("start")
        try await withTaskExecutorPreference(caller.executor(of: node)) {
            switch primitive {
            case .lock: try await measureLock()
            case .handover: try await measureHandover()
            case .barrier: try await measureBarrier()
            case .election: try await measureElection()
            }
        }
    }

    private func meet(_ place: String) async throws {
        try await coordination.barrier(place, parties: members).wait()
    }

    private var deadline: Int64 { lockstep_monotonic_ns() + Int64(seconds * 1e9) }

    // MARK: - A lock that nobody else wants

    private mutating func measureLock() async throws {
        if figures.rank == 0 {
            // The first ones only warm up.
            _ = try await acquireAlone(until: lockstep_monotonic_ns() + 200_000_000)
            (figures.turn, figures.wholeTurn) = try await acquireAlone(until: deadline)
        }
        try await meet("alone")
        // Clients are not members, and run where other programs do.
        let holders = try await withTaskExecutorPreference(nil) { try await holdMany() }
        try await meet("held")
        if figures.rank == 0 { (figures.crowded, _) = try await acquireAlone(until: deadline) }
        try await meet("crowded")
        // What they hold ends with their sessions.
        for holder in holders { await holder.close() }
    }

    private func acquireAlone(until deadline: Int64) async throws -> (turn: Percentiles, wholeTurn: Percentiles) {
        var (turn, wholeTurn) = (LatencyHistogram(), LatencyHistogram())
        var number = 0
        var now = lockstep_monotonic_ns()
        while now < deadline {
            let start = now
            let hold = try await coordination.lock("alone-\(number)").acquire()
            turn.record(UInt64(lockstep_monotonic_ns() - start))
            await hold.release()
            now = lockstep_monotonic_ns()
            wholeTurn.record(UInt64(now - start))
            number += 1
        }
        return (Percentiles(turn), Percentiles(wholeTurn))
    }

    /// This process's part of the clients, with the locks that they hold.
    private func holdMany() async throws -> [Client] {
        let (step, clients) = (members * Self.beginningMax, clients)
        return try await withThrowingTaskGroup(of: [Client].self) { group in
            for first in stride(from: Int(figures.rank), to: step, by: members) {
                group.addTask { [self] in
                    var holders: [Client] = []
                    for client in stride(from: first, to: clients, by: step) { holders.append(try await hold(client)) }
                    return holders
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    /// A client of this member that has taken its part of the locks.
    private func hold(_ number: Int) async throws -> Client {
        var configuration = ClientConfiguration(cluster: node.configuration.cluster)
        configuration.key = node.configuration.key
        let client = try await Client.connect(configuration)
        let coordination = try await client.coordination(through: .named(node.configuration.name))
        for lock in stride(from: number, to: Self.heldLocks, by: clients) {
            _ = try await coordination.lock("held-\(lock)").acquire()
        }
        return client
    }

    // MARK: - What all want

    private mutating func measureHandover() async throws {
        let lock = coordination.lock("wanted")
        try await takeTurns { try await lock.acquire() }
    }

    /// Every member takes and gives back one thing, again and again.
    private mutating func takeTurns(_ acquire: () async throws -> Hold) async throws {
        let (start, deadline) = (lockstep_monotonic_ns(), deadline)
        var last = FencingToken(value: 0)
        while lockstep_monotonic_ns() < deadline {
            let hold = try await acquire()
            guard hold.token > last else { throw PerfFailure("The token \(hold.token) came after \(last).") }
            last = hold.token
            figures.turns += 1
            await hold.release()
        }
        figures.nanoseconds = UInt64(lockstep_monotonic_ns() - start)
    }

    private mutating func measureBarrier() async throws {
        let barrier = try coordination.barrier("step", parties: members)
        let count = Int(seconds * Self.barriersPerSecond)
        for _ in 0..<count / 10 { try await barrier.wait() }
        var turn = LatencyHistogram()
        for _ in 0..<count {
            let start = lockstep_monotonic_ns()
            try await barrier.wait()
            turn.record(UInt64(lockstep_monotonic_ns() - start))
        }
        figures.turn = Percentiles(turn)
    }

    private mutating func measureElection() async throws {
        let election = coordination.election("office")
        let name = "\(figures.rank)"
        try await takeTurns { try await election.campaign(as: name) }
        try await meet("resigned")
        if figures.rank == 0 {
            _ = try await election.campaign(as: name)
            try await meet("elected")
            // The others come behind it before it dies.
            try await Task.sleep(for: .milliseconds(100))
        } else {
            try await meet("elected")
            let hold = try await election.campaign(as: name)
            // Of those who are left, the first: then it is the other one's turn.
            figures.elected = UInt64(lockstep_monotonic_ns())
            await hold.release()
        }
    }
}
