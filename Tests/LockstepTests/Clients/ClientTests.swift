import LockstepTesting
import Testing

@testable import Lockstep

@Suite("Clients", .timeLimit(.minutes(2)))
struct ClientTests {
    private let cluster = TestCluster(size: 3)

    @Test func callThroughAMember() async throws {
        let nodes = try await cluster.found()
        let ledgers = try await hostLedger(on: nodes)
        let client = try await cluster.connect()
        #expect(client.members.map(\.name) == ["a", "b", "c"])
        let ledger = try await client.group(Ledger.self, "ledger")
        #expect(try await ledger.deposit(5, to: "x") == 5)
        #expect(try await ledger.deposit(1, to: "x") == 6)
        #expect(try await ledgers[1].deposit(1, to: "x") == 7)
        #expect(try await ledger.balance(of: "x") == 7)
        #expect(try await ledger.reading(.local).balance(of: "y") == 0)
        #expect(try await ledger.total == 7)
        try await ledger.note("hello")
        #expect(try await ledgers[2].lines() == ["hello"])
        try await expectEqualCopies(ledgers)
        await client.close()
        await leave(nodes)
    }

    @Test func hearWhatMethodsThrow() async throws {
        let nodes = try await cluster.found()
        _ = try await hostLedger(on: nodes)
        let client = try await cluster.connect()
        let ledger = try await client.group(Ledger.self, "ledger")
        let error = await #expect(throws: LockstepError.self) { try await ledger.withdraw(5, from: "x") }
        #expect(error?.code == .methodThrew && error?.message.contains("Overdrawn") == true)
        #expect(await code { try await ledger.check("nobody") } == .methodThrew)
        #expect(await code { _ = try await ledger.store(Array(repeating: 1, count: 70_000)) } == .messageTooLarge)
        #expect(await code { try await ledger.group.wait { _ in true } } == .unsupported)
        #expect(try await ledger.deposit(1, to: "x") == 1)
        await client.close()
        #expect(await code { _ = try await ledger.deposit(1, to: "x") } == .clientClosed)
        await client.close()
        await leave(nodes)
    }

    @Test func goOnWithAnotherMemberAndRunEveryUpdateOnce() async throws {
        let nodes = try await cluster.found()
        let ledgers = try await hostLedger(on: nodes)
        let client = try await cluster.connect()
        let ledger = try await client.group(Ledger.self, "ledger")
        async let acknowledged: Int = withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<200 { _ = try await ledger.deposit(1, to: "x") }
                    return 200
                }
            }
            return try await group.reduce(0, +)
        }
        while try await ledgers[2].balance(of: "x") < 200 { await Task.yield() }
        // The member that the client calls, without a word to the others.
        await nodes[0].membership.leave(isAbrupt: true)
        #expect(try await acknowledged == 800)
        for ledger in ledgers[1...] { #expect(try await ledger.balance(of: "x") == 800) }
        #expect(try await ledger.deposit(1, to: "x") == 801)
        while client.members.map(\.name) != ["b", "c"] { await Task.yield() }
        try await expectEqualCopies(Array(ledgers[1...]))
        await client.close()
        await leave(nodes)
    }

    @Test func keepTheOrderOfAPipelineWhenMembersLeave() async throws {
        let nodes = try await cluster.found()
        let ledgers = try await hostLedger(on: nodes)
        let client = try await cluster.connect()
        let ledger = try await client.group(Ledger.self, "ledger")
        async let calls = begin(1000, on: ledger)
        while try await ledgers[2].lines().count < 100 { await Task.yield() }
        await nodes[0].leave()
        for call in try await calls { try await call.value }
        #expect(try await ledgers[2].lines() == (0..<1000).map { "\($0)" })
        await client.close()
        await leave(nodes)
    }

    private func begin(_ count: Int, on ledger: Ledger.Handle) async throws -> [Call<Void>] {
        var calls: [Call<Void>] = []
        for number in 0..<count { calls.append(try await ledger.pipeline.note("\(number)")) }
        return calls
    }

    @Test(arguments: [.random, .roundRobin, .nearest, .key("k"), .named("c")] as [MemberPolicy])
    func chooseTheirMember(_ policy: MemberPolicy) async throws {
        let nodes = try await cluster.found()
        _ = try await hostEverywhere("caller", on: nodes) { CallerTeller(actorSystem: $0) }
        let client = try await cluster.connect()
        let teller = try await client.group(CallerTeller.self, "caller", through: policy)
        var callers: Set<String> = []
        for _ in 0..<60 { callers.insert(try await teller.caller()) }
        switch policy {
        case .random, .roundRobin: #expect(callers == ["a", "b", "c"])
        case .named(let name): #expect(callers == [name])
        default: #expect(callers.count == 1)
        }
        for member in client.members { #expect(try await teller.on(member).askedCaller() == member.name) }
        await client.close()
        await leave(nodes)
    }

    @Test func findTheReplicasOfAGroup() async throws {
        let nodes = try await cluster.found()
        for node in nodes { _ = try await node.host("ledger", layout: .replicas(1)) { Ledger(actorSystem: $0) } }
        let client = try await cluster.connect()
        for policy in [.first, .key("z"), .roundRobin] as [MemberPolicy] {
            let ledger = try await client.group(Ledger.self, "ledger", through: policy)
            for _ in 0..<4 { _ = try await ledger.deposit(1, to: "x") }
        }
        await client.close()
        await leave(nodes)
    }

    @Test func hearWhatGroupsPublishThoughMembersLeave() async throws {
        let nodes = try await cluster.found()
        let beacons = try await hostEverywhere("beacon", on: nodes) { Beacon(actorSystem: $0) }
        let client = try await cluster.connect()
        let beacon = try await client.group(Beacon.self, "beacon")
        let first = try await beacon.light(0)
        let changes = beacon.group.changes
        async let lit = changes.lit(upTo: 60)
        for level in 1...30 { _ = try await beacons[2].light(level) }
        await nodes[0].leave()
        // Several of one version.
        try await beacons[1].flash(Array(31...60))
        #expect(try await lit == Array(1...60))
        let again = beacon.group.changes(after: first)
        #expect(try await again.lit(upTo: 60) == Array(1...60))
        await client.close()
        await leave(nodes)
    }

    @Test func hearOnlyWhatConcernsThem() async throws {
        let nodes = try await cluster.found()
        let seats = try await hostEverywhere("seats", on: nodes) { Seats(actorSystem: $0) }
        let clients = [try await cluster.connect(), try await cluster.connect()]
        let handles = [
            try await clients[0].group(Seats.self, "seats"), try await clients[1].group(Seats.self, "seats"),
        ]
        for (seat, handle) in handles.enumerated() { #expect(try await handle.take(seat) == true) }
        let (changes, here) = (handles.map(\.group.changes), seats[0].group.changes)
        for seat in [0, 1, 1] { try await seats[2].call(seat) }
        try await seats[2].close()
        #expect(try await changes[0].first(2).map(\.change) == [.called(0), .closed])
        #expect(try await changes[1].first(3).map(\.change) == [.called(1), .called(1), .closed])
        #expect(try await here.first(4).map(\.change) == [.called(0), .called(1), .called(1), .closed])
        for client in clients { await client.close() }
        await leave(nodes)
    }

    @Test func hearWhatEachOfTheirSessionsIsTold() async throws {
        let nodes = try await cluster.found()
        let seats = try await hostEverywhere("seats", on: nodes) { Seats(actorSystem: $0) }
        let client = try await cluster.connect()
        // Both are told over one connection.
        let handles = [
            try await client.group(Seats.self, "seats", through: .named("a")),
            try await client.group(Seats.self, "seats", through: .named("a")),
        ]
        for (seat, handle) in handles.enumerated() { #expect(try await handle.take(seat) == true) }
        let changes = handles.map(\.group.changes)
        for seat in [0, 1, 1, 0] { try await seats[2].call(seat) }
        try await seats[2].close()
        #expect(try await changes[0].first(3).map(\.change) == [.called(0), .called(0), .closed])
        #expect(try await changes[1].first(3).map(\.change) == [.called(1), .called(1), .closed])
        await client.close()
        await leave(nodes)
    }

    // MARK: - Sessions

    @Test func sessionsEndWhenNothingIsHeard() async throws {
        let nodes = try await cluster.found()
        let ledgers = try await hostLedger(on: nodes)
        let ghost = try await cluster.openSession(timeout: .milliseconds(200))
        while try await sessions(ledgers[0]) > 0 { try await Task.sleep(for: .milliseconds(10)) }
        let update = ClientRequest.update(
            "ledger", ClientCallID(session: ghost.key, sequence: 0, settled: 0), patience: 1_000_000_000,
            method: try #require(Ledger.schema.methods.first { $0.name == "note(_:)" }).number,
            baggage: [], arguments: try WireWriter.bytes(of: "late"))
        guard case .refusal(_, let code, _) = try await ghost.ask(update) else {
            Issue.record("an update has run without a session")
            return
        }
        #expect(code == LockstepError.Code.sessionExpired.description)
        #expect(try await ledgers[0].lines().isEmpty)
        try await expectEqualCopies(ledgers)
        await leave(nodes)
    }

    @Test func sessionsLastAsLongAsTheirClient() async throws {
        let nodes = try await cluster.found()
        let ledgers = try await hostLedger(on: nodes)
        var configuration = cluster.clientConfiguration
        configuration.sessionTimeout = .seconds(6)
        let client = try await Client.connect(configuration)
        let ledger = try await client.group(Ledger.self, "ledger")
        let before = try await ledgers[1].group.status().updates
        // Each time after a third of what the session lasts.
        while try await ledgers[1].group.status().updates < before + 4 { try await Task.sleep(for: .milliseconds(50)) }
        #expect(try await ledger.deposit(1, to: "x") == 1)
        #expect(try await sessions(ledgers[1]) == 1)
        await client.close()
        #expect(try await sessions(ledgers[0]) == 0)
        await leave(nodes)
    }

    @Test func actorsHearOfTheEndOfSessions() async throws {
        let nodes = try await cluster.found()
        let seats = try await hostEverywhere("seats", on: nodes) { Seats(actorSystem: $0) }
        let first = try await cluster.connect()
        let second = try await cluster.connect()
        #expect(try await first.group(Seats.self, "seats").take(1) == true)
        // Nobody has that handle any more.
        while try await seats[0].taken() > 0 { await Task.yield() }
        let handles = [
            try await first.group(Seats.self, "seats"), try await second.group(Seats.self, "seats", through: .key("x")),
        ]
        #expect(try await handles[0].take(1) == true)
        #expect(try await handles[1].take(1) == false)
        #expect(try await seats[1].take(2) == false)
        await first.close()
        #expect(try await handles[1].take(1) == true)
        await second.close()
        for seats in seats { #expect(try await seats.taken() == 0) }
        await leave(nodes)
    }

    @Test func sessionsAreGivenToWhoComesLater() async throws {
        let nodes = try await cluster.found()
        let ledgers = try await hostLedger(on: nodes)
        let client = try await cluster.connect()
        let ledger = try await client.group(Ledger.self, "ledger")
        _ = try await ledger.deposit(5, to: "x")
        let late = try await cluster.join("late")
        let lateLedger = try await late.host("ledger") { Ledger(actorSystem: $0) }
        #expect(try await lateLedger.balance(of: "x") == 5)
        #expect(try await sessions(lateLedger) == 1)
        await leave(nodes)
        #expect(try await ledger.deposit(1, to: "x") == 6)
        _ = ledgers
        await client.close()
        await late.leave()
    }

    private func sessions(_ ledger: Ledger.Handle) async throws -> Int {
        // So that it has executed what others have.
        _ = try await ledger.balance(of: "")
        return try await ledger.group.channel.onReplica { replica in
            (replica as? ActorReplica<Ledger>)?.system.withEffects(\.sessions.count) ?? -1
        }
    }

    // MARK: - Who is turned away

    @Test func findNobody() async throws {
        var configuration = ClientConfiguration(cluster: "nobody-\(UInt64.random(in: .min ... .max))")
        configuration.connectTimeout = .milliseconds(200)
        #expect(await code { _ = try await Client.connect(configuration) } == .joinTimedOut)
        configuration.seeds = NodeAddress.free(1)
        configuration.security = .plaintext
        #expect(await code { _ = try await Client.connect(configuration) } == .joinTimedOut)
        configuration.sessionTimeout = .zero
        #expect(await code { _ = try await Client.connect(configuration) } == .invalidConfiguration)
    }

    @Test func withAnotherKeyAreTurnedAway() async throws {
        let alone = TestCluster(size: 1)
        let node = try await alone.join("a")
        var configuration = alone.clientConfiguration
        configuration.key = .secret(Array(repeating: 1, count: 32))
        let error = await #expect(throws: LockstepError.self) { _ = try await Client.connect(configuration) }
        #expect(error?.code == .invalidConfiguration && error?.message.contains("another key") == true)
        await node.leave()
    }

    @Test func ofAnotherActorAreTold() async throws {
        let alone = TestCluster(size: 1)
        let node = try await alone.join("a")
        _ = try await node.host("ledger") { Ledger(actorSystem: $0) }
        let client = try await alone.connect()
        #expect(await code { _ = try await client.group(OtherLedger.self, "ledger") } == .schemaMismatch)
        await client.close()
        await node.leave()
    }

    @Test func waitForTheGroup() async throws {
        let alone = TestCluster(size: 1)
        let node = try await alone.join("a")
        var configuration = alone.clientConfiguration
        configuration.callTimeout = .milliseconds(200)
        let hasty = try await Client.connect(configuration)
        #expect(await code { _ = try await hasty.group(Ledger.self, "ledger") } == .groupNotHosted)
        let client = try await alone.connect()
        async let early = client.group(Ledger.self, "ledger")
        try await Task.sleep(for: .milliseconds(100))
        _ = try await node.host("ledger") { Ledger(actorSystem: $0) }
        #expect(try await early.deposit(1, to: "x") == 1)
        await hasty.close()
        await client.close()
        await node.leave()
    }
}

/// Says which member a call came through.
@Replicated
distributed actor CallerTeller {
    private var count = 0

    distributed func caller() -> String {
        count += 1
        return context.caller.name
    }

    @Query
    distributed func askedCaller() -> String { context.caller.name }
}

/// Lets clients hold seats for as long as they are there.
@Replicated
distributed actor Seats: ClientAware {
    enum Change: Codable, Sendable, Equatable {
        /// Whoever has the seat is to come.
        case called(Int)
        case closed
    }

    private var holders: [Int: SessionKey] = [:]

    distributed func take(_ seat: Int) -> Bool {
        guard let client = context.client, holders[seat] == nil else { return false }
        holders[seat] = client
        return true
    }

    distributed func call(_ seat: Int) {
        if let holder = holders[seat] { publish(.called(seat), to: [holder]) }
    }

    distributed func close() { publish(.closed) }

    @Query
    distributed func taken() -> Int { holders.count }

    func sessionEnded(_ session: SessionKey) {
        holders = holders.filter { $0.value != session }
    }
}

extension TestCluster {
    var clientConfiguration: ClientConfiguration {
        var configuration = ClientConfiguration(cluster: name)
        configuration.seeds = seeds
        configuration.security = security("client")
        return configuration
    }

    func connect() async throws -> Client { try await Client.connect(clientConfiguration, logger: log.logger) }

    /// A session whose client says no more.
    func openSession(timeout: Duration) async throws -> RawClient {
        let raw = try await RawClient(to: ClientAddress(cluster: name, node: "a"), in: name)
        try await raw.open("ledger", Ledger.schema, timeout: timeout)
        return raw
    }
}

extension Publication {
    /// What was published; nil if something was missed.
    fileprivate var change: Change? {
        if case .change(let change, _) = self { change } else { nil }
    }
}

extension Changes<Beacon> {
    /// The levels that were lit, up to one.
    func lit(upTo last: Int) async throws -> [Int] {
        var levels: [Int] = []
        for try await publication in self {
            guard case .change(.lit(let level), _) = publication else { continue }
            levels.append(level)
            if level == last { break }
        }
        return levels
    }
}
