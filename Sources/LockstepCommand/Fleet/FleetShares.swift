import CLockstep
import Glibc
import Lockstep
import LockstepCoordination
import Synchronization

/// Clients at one member of what all members share: locks, offices and counters. What they call and what they are answered
/// is told as it comes, also what a member does right before it is killed.
final class FleetShares: Sendable {
    private let coordination: Coordination
    private let isOver = Atomic<Bool>(false)
    /// Clients of one member, for each part.
    private static let clients = 2
    /// In nanoseconds.
    private static let round: Int64 = 250_000_000

    init(_ coordination: Coordination) { self.coordination = coordination }

    /// Calls until ``stop()``, or until this member is out.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (place, part) in FleetCall.Part.allCases.enumerated() {
                for number in 0..<Self.clients {
                    let id = UInt64(place * Self.clients + number)
                    group.addTask {
                        var client = Client(id: id)
                        try await self.run(&client, on: part)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Lets the clients end with what they have begun.
    func stop() { isOver.store(true, ordering: .relaxed) }

    private func run(_ client: inout Client, on part: FleetCall.Part) async throws {
        while !isOver.load(ordering: .relaxed) {
            do {
                try await use(part, &client)
            } catch let error as LockstepError where error.code == .excluded || error.code == .notMember {
                return
            } catch let error as LockstepError where error.code == .outcomeUnknown {
                continue
            } catch let error as CoordinationError where error.code == .lost {
                continue
            }
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...4)))
        }
    }

    private func use(_ part: FleetCall.Part, _ client: inout Client) async throws {
        // To check a history twice as long takes more than twice the time, so every round has its own.
        let round = UInt64(lockstep_monotonic_ns() / Self.round)
        let name = "\(round)"
        switch part {
        case .lock:
            let lock = coordination.lock(name)
            try await hold(part, round, &client) { try await lock.acquire() }
        case .office:
            let election = coordination.election(name)
            try await hold(part, round, &client) { try await election.campaign(as: "\(getpid())") }
        case .counter:
            let counter = coordination.counter(name)
            _ = try await client.tell(FleetCall(part: .counter, action: .add, round: round)) {
                let sum = try await counter.add(1)
                return (sum, UInt64(sum))
            }
        }
    }

    private func hold(
        _ part: FleetCall.Part, _ round: UInt64, _ client: inout Client, _ acquire: () async throws -> Hold
    ) async throws {
        let hold = try await client.tell(FleetCall(part: part, action: .acquire, round: round)) {
            let hold = try await acquire()
            return (hold, hold.token.value)
        }
        if Bool.random() { await Task.yield() }
        try await client.tell(FleetCall(part: part, action: .release, round: round)) {
            await hold.release()
            return ((), 0)
        }
    }

    /// One that makes a call after the other.
    private struct Client {
        let id: UInt64
        private var calls: UInt64 = 0

        init(id: UInt64) { self.id = id }

        /// Makes a call, and tells it. If it throws, nobody knows whether it took effect.
        mutating func tell<Value>(
            _ call: FleetCall, _ body: () async throws -> (Value, output: UInt64)
        ) async throws -> Value {
            calls += 1
            let number = id << 32 | calls
            Terminal.writeLine(FleetMessage.call(number, call, time: UInt64(lockstep_monotonic_ns())).line)
            let (value, output) = try await body()
            Terminal.writeLine(FleetMessage.answer(number, output, time: UInt64(lockstep_monotonic_ns())).line)
            return value
        }
    }
}

/// What a client does with something that all share.
struct FleetCall: Hashable {
    enum Part: UInt64, CaseIterable {
        case lock, office, counter
    }

    enum Action: UInt64 {
        case acquire, release, add
    }

    let part: Part
    let action: Action
    /// Which lock, office or counter it is.
    let round: UInt64
}
