import CLockstep
import Glibc
import Lockstep
import LockstepCoordination
import Synchronization

/// Clients at one member of what all members share, some for each kind of it. What they call and what they are answered is
/// told as it comes.
final class FleetShares: Sendable {
    private let coordination: Coordination
    private let jobs: WorkQueue<UInt64>
    private let values: SharedMap<UInt64>
    private let news: Topic<UInt64>
    private let isOver = Atomic<Bool>(false)
    private let clientsEver = Atomic<UInt64>(0)
    /// Behind this nothing comes.
    private let lastMessage = Atomic<UInt64>(0)
    /// For longer than what a silent member held is kept.
    private let drainTime: Duration

    /// Clients of one member, for each part.
    private static let clients = 2
    /// In nanoseconds.
    private static let round: Int64 = 250_000_000
    /// How many meet, and how often a latch is counted down.
    static let (parties, steps) = (3, 5)
    static let permits = 3
    /// A reader takes one of these.
    static let permitsOfWriter = 1 << 20
    private static let keysOfRound: UInt64 = 3
    /// Those who meet need others, who may be in the next round.
    private static let patience = Duration.milliseconds(300)
    /// What may happen to those who meet, and to those who are stopped.
    private static let passing: Set<CoordinationError.Code> = [.lost, .broken, .full]

    init(_ coordination: Coordination, of node: Node) {
        self.coordination = coordination
        jobs = coordination.queue("jobs", of: UInt64.self)
        values = coordination.map("values", of: UInt64.self)
        news = coordination.topic("news", of: UInt64.self)
        drainTime = node.configuration.failureTimeout * 10
    }

    /// Calls until ``stop()``, or until this member is out.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for part in FleetCall.Part.allCases {
                for _ in 0..<Self.clients {
                    let client = newClient()
                    group.addTask { try await self.run(client, on: part) }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Lets the clients end with what they have begun.
    func stop() { isOver.store(true, ordering: .relaxed) }

    private func newClient() -> FleetClient { FleetClient(id: clientsEver.add(1, ordering: .relaxed).newValue) }

    private func run(_ client: FleetClient, on part: FleetCall.Part) async throws {
        while !isOver.load(ordering: .relaxed) {
            if try await ending(of: { try await use(part, client) }) == .out { return }
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...16)))
        }
    }

    private enum Ending {
        case good, timedOut, out
        /// It did not come to be, or nobody knows, and it may be tried again.
        case passing
    }

    /// What becomes of something.
    private func ending(of body: () async throws -> Void) async throws -> Ending {
        do {
            try await body()
            return .good
        } catch let error as LockstepError where error.code == .excluded || error.code == .notMember {
            return .out
        } catch let error as LockstepError where error.code == .outcomeUnknown {
            return .passing
        } catch let error as CoordinationError where error.code == .timedOut {
            return .timedOut
        } catch let error as CoordinationError where Self.passing.contains(error.code) {
            return .passing
        }
    }

    private func use(_ part: FleetCall.Part, _ client: FleetClient) async throws {
        // To check a history twice as long takes more than twice the time, so every round has its own things.
        let round = UInt64(lockstep_monotonic_ns() / Self.round)
        switch part {
        case .lock: try await hold(part, round, client) { try await $0.lock("\(round)").acquire() }
        case .office:
            try await hold(part, round, client) { try await $0.election("\(round)").campaign(as: "\(getpid())") }
        case .semaphore: try await share(round, client)
        case .readWriteLock: try await readOrWrite(round, client)
        case .barrier: try await meet(round, client)
        case .doubleBarrier: try await workTogether(round, client)
        case .latch: try await countOrWait(round, client)
        case .counter: try await add(round, client)
        case .register: try await getOrPut(round, client)
        case .map: try await getOrPutKey(round * Self.keysOfRound + .random(in: 0..<Self.keysOfRound), client)
        case .queue: try await offerOrTake(client)
        case .topic: try await publish(client.unique(), client)
        }
    }

    /// Stays for a moment, or gives its thread to somebody else.
    private static func linger() async {
        if Bool.random() { await Task.yield() }
    }

    // MARK: - Locks

    private func hold(
        _ part: FleetCall.Part, _ round: UInt64, permits: Int = 1, _ client: FleetClient,
        _ acquire: (Coordination) async throws -> Hold
    ) async throws {
        let asked = client.begin(FleetCall(part: part, action: .acquire, name: round, argument: UInt64(permits)))
        let hold = try await acquire(coordination)
        client.end(asked, FleetAnswer(output: hold.token.value))
        await Self.linger()
        let done = client.begin(FleetCall(part: part, action: .release, name: round))
        await hold.release()
        client.end(done)
    }

    private func share(_ round: UInt64, _ client: FleetClient) async throws {
        let permits = Int.random(in: 1...Self.permits)
        try await hold(.semaphore, round, permits: permits, client) {
            try await $0.semaphore("\(round)", permits: Self.permits).acquire(permits)
        }
    }

    private func readOrWrite(_ round: UInt64, _ client: FleetClient) async throws {
        let lock = coordination.readWriteLock("\(round)")
        let isWriter = Int.random(in: 1...3) == 1
        let permits = isWriter ? Self.permitsOfWriter : 1
        let asked = client.begin(
            FleetCall(part: .readWriteLock, action: .acquire, name: round, argument: UInt64(permits)))
        let inside: @Sendable (FencingToken) async -> UInt64 = { token in
            client.end(asked, FleetAnswer(output: token.value))
            await Self.linger()
            return client.begin(FleetCall(part: .readWriteLock, action: .release, name: round))
        }
        client.end(try await isWriter ? lock.withWriteLock(inside) : lock.withReadLock(inside))
    }

    // MARK: - Meetings

    private func meet(_ round: UInt64, _ client: FleetClient) async throws {
        let barrier = try coordination.barrier(
            "\(round)", parties: Self.parties, departure: round % 2 == 0 ? .breaks : .isForgotten)
        try await client.tell(FleetCall(part: .barrier, action: .arrive, name: round)) {
            do {
                return FleetAnswer(output: try await barrier.wait(timeout: Self.patience))
            } catch let error as CoordinationError where error.code == .broken {
                // That says for certain that it was not let go.
                return FleetAnswer()
            }
        }
    }

    private func workTogether(_ round: UInt64, _ client: FleetClient) async throws {
        let barrier = try coordination.doubleBarrier("\(round)", parties: Self.parties)
        let asked = client.begin(FleetCall(part: .doubleBarrier, action: .arrive, name: round))
        let done = try await barrier.run(timeout: Self.patience) {
            client.end(asked)
            await Self.linger()
            return client.begin(FleetCall(part: .doubleBarrier, action: .end, name: round))
        }
        client.end(done)
    }

    private func countOrWait(_ round: UInt64, _ client: FleetClient) async throws {
        let latch = try coordination.countdownLatch("\(round)", count: Self.steps)
        if Int.random(in: 1...4) > 1 {
            try await client.tell(FleetCall(part: .latch, action: .countDown, name: round)) {
                FleetAnswer(output: UInt64(try await latch.countDown()))
            }
        } else {
            try await client.tell(FleetCall(part: .latch, action: .wait, name: round)) {
                try await latch.wait(timeout: Self.patience)
                return FleetAnswer()
            }
        }
    }

    // MARK: - Values

    private func add(_ round: UInt64, _ client: FleetClient) async throws {
        try await client.tell(FleetCall(part: .counter, action: .add, name: round)) {
            FleetAnswer(output: UInt64(try await coordination.counter("\(round)").add(1)))
        }
    }

    private func getOrPut(_ round: UInt64, _ client: FleetClient) async throws {
        let register = coordination.register("\(round)", of: UInt64.self)
        try await getOrPut(.register, round, 0, client) {
            try await register.get()
        } _: {
            try await register.set($0)
        } _: {
            try await register.set($0, replacing: $1)
        }
    }

    private func getOrPutKey(_ key: UInt64, _ client: FleetClient) async throws {
        try await getOrPut(.map, 0, key, client) {
            try await values.get("\(key)")
        } _: {
            try await values.set($0, for: "\(key)")
        } _: {
            try await values.set($0, for: "\(key)", replacing: $1)
        }
    }

    /// Looks at a value, and may put another in its place.
    private func getOrPut(
        _ part: FleetCall.Part, _ name: UInt64, _ key: UInt64, _ client: FleetClient,
        _ get: () async throws -> Versioned<UInt64>?, _ put: (UInt64) async throws -> UInt64,
        _ replace: (UInt64, UInt64) async throws -> UInt64?
    ) async throws {
        let version = try await client.tell(FleetCall(part: part, action: .get, name: name, argument: key)) {
            let found = try await get()
            return FleetAnswer(output: found?.value ?? 0, version: found?.version ?? 0)
        }.version
        let choice = Int.random(in: 1...4)
        guard choice > 1 else { return }
        let (value, replaces) = (client.unique(), choice > 2)
        let call = FleetCall(
            part: part, action: replaces ? .replace : .put, name: name, argument: key, value: value,
            version: replaces ? version : 0)
        try await client.tell(call) {
            FleetAnswer(output: try await replaces ? replace(value, version) ?? 0 : put(value))
        }
    }

    // MARK: - Queues

    private func offerOrTake(_ client: FleetClient) async throws {
        guard Bool.random() else { return try await take(client, within: Self.patience, mayFail: true) }
        let item = client.unique()
        try await client.tell(FleetCall(part: .queue, action: .offer, name: 0, argument: item)) {
            try await jobs.add(item)
            return FleetAnswer()
        }
    }

    private struct Failure: Error {
        let call: UInt64
    }

    /// Takes an item, and is done with it or gives it back.
    private func take(_ client: FleetClient, within time: Duration, mayFail: Bool) async throws {
        let asked = client.begin(FleetCall(part: .queue, action: .take, name: 0))
        do {
            let done = try await jobs.withNext(timeout: time) { item in
                client.end(asked, FleetAnswer(output: item))
                await Self.linger()
                let fails = mayFail && Int.random(in: 1...5) == 1
                let call = client.begin(
                    FleetCall(part: .queue, action: fails ? .giveBack : .finish, name: 0, argument: item))
                guard !fails else { throw Failure(call: call) }
                return call
            }
            client.end(done)
        } catch let failure as Failure {
            client.end(failure.call)
        }
    }

    // MARK: - News

    private func publish(_ message: UInt64, _ client: FleetClient) async throws {
        try await client.tell(FleetCall(part: .topic, action: .publish, name: 0, value: message)) {
            try await news.publish(message)
            return FleetAnswer()
        }
    }

    /// Hears what is published and put until the last of it, or until this member is out.
    func listen() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await self.ending(of: self.hearNews) }
            group.addTask { _ = try await self.ending(of: self.hearValues) }
            try await group.waitForAll()
        }
    }

    private func hearNews() async throws {
        let client = newClient()
        var messages = news.messages.makeAsyncIterator()
        while true {
            let number = client.begin(FleetCall(part: .topic, action: .hear, name: 0))
            do {
                while let message = try await messages.next() {
                    client.end(number, FleetAnswer(output: message))
                    if message == lastMessage.load(ordering: .relaxed) { return }
                }
            } catch let error as CoordinationError where error.code == .lost {
                // What comes from now on is without gaps again.
            }
        }
    }

    private func hearValues() async throws {
        let client = newClient()
        var number: UInt64?
        for try await event in values.watch() {
            switch event {
            case .set(_, let value):
                if let number { client.end(number, FleetAnswer(output: value.value, version: value.version)) }
                if value.value == lastMessage.load(ordering: .relaxed) { return }
            case .all, .removed:
                number = client.begin(FleetCall(part: .map, action: .hear, name: 0))
            }
        }
    }

    // MARK: - The end

    /// Does what is left in the queue, and lets those who listen hear the last message and value. No other client of the
    /// fleet uses anything any more.
    func conclude() async throws {
        let client = newClient()
        drain: while true {
            switch try await ending(of: { try await take(client, within: drainTime, mayFail: false) }) {
            case .good, .passing: continue
            case .timedOut: break drain
            case .out: return
            }
        }
        while try await ending(of: { try await sayLast(client) }) == .passing {}
    }

    private func sayLast(_ client: FleetClient) async throws {
        let last = client.unique()
        lastMessage.store(last, ordering: .relaxed)
        try await publish(last, client)
        try await client.tell(FleetCall(part: .map, action: .put, name: 0, value: last)) {
            FleetAnswer(output: try await values.set(last, for: "0"))
        }
    }
}
