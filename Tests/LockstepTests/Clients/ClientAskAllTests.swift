import LockstepTesting
import Testing

@testable import Lockstep

private func hold(_ latch: String) { Latch.named(latch).pass() }

@Replicated
distributed actor Panel {
    private var count = 0
    @Local private let isLate: Bool
    /// What this member alone was told.
    @Local private var notes: [String] = []

    init(actorSystem: LockstepSystem, isLate: Bool = false) {
        self.actorSystem = actorSystem
        self.isLate = isLate
    }

    distributed func add(_ more: Int) -> Int {
        count += more
        return count
    }

    @Query
    distributed func total() -> Int { count }

    @Query
    distributed func asker() -> String { context.caller.name }

    @Query
    distributed func bytes(_ size: Int) -> [UInt8] { Array(repeating: 7, count: size) }

    @Query
    distributed func read() -> [String] { notes }

    /// Only where the replica is late.
    @Query
    distributed func wait(at latch: String) -> Int {
        if isLate { hold(latch) }
        return count
    }

    @Direct
    distributed func note(_ text: String) -> Int {
        notes.append(text)
        return notes.count
    }

    @Direct
    distributed func note(_ text: String, at latch: String) {
        notes.append(text)
        if isLate { hold(latch) }
    }

    @Direct
    distributed func refuse() throws { throw CancellationError() }
}

@Suite("Clients that ask all members", .timeLimit(.minutes(2)))
struct ClientAskAllTests {
    private let cluster = TestCluster(size: 3)

    /// The replica of the last node is late.
    private func withPanels(
        callTimeout: Duration = .seconds(30), options: @escaping @Sendable (Int) -> GroupOptions = { _ in inLane() },
        _ body: ([Node], [Panel.Handle], Client) async throws -> Void
    ) async throws {
        let nodes = try await cluster.found()
        var panels: [Panel.Handle] = []
        for (place, node) in nodes.enumerated() {
            panels.append(
                try await node.host("panel", options: options(place)) {
                    Panel(actorSystem: $0, isLate: place == 2)
                })
        }
        var configuration = cluster.clientConfiguration
        configuration.callTimeout = callTimeout
        // To keep a session is an update, and tests count those.
        configuration.sessionTimeout = .seconds(3600)
        let client = try await Client.connect(configuration, logger: cluster.log.logger)
        try await body(nodes, panels, client)
        await client.close()
        await leave(nodes)
    }

    @Test(arguments: [.first, .roundRobin, .named("b")] as [MemberPolicy])
    func hearTheResultOfEach(_ policy: MemberPolicy) async throws {
        try await withPanels { _, panels, client in
            let panel = try await client.group(Panel.self, "panel", through: policy)
            #expect(try await panel.add(4) == 4)
            let before = try await panels[0].group.status().updates
            for round in 1...5 {
                let totals = try await panel.all.total()
                #expect(totals.map(\.member) == client.members)
                #expect(try totals.map { try $0.value } == [4, 4, 4])
                #expect(try await panel.all.note("all").map { try $0.value } == [round, round, round])
            }
            let askers = Set(try await panel.all.asker().map { try $0.value })
            #expect(askers.count == 1 && askers.isSubset(of: policy == .named("b") ? ["b"] : ["a", "b", "c"]))
            #expect(try await panels[0].group.status().updates == before)
            // Each may be as large as that of one member.
            #expect(try await panel.all.bytes(59_000).map { try $0.value.count } == [59_000, 59_000, 59_000])
            for answer in try await panel.all.bytes(61_000) {
                #expect(await code { _ = try answer.value } == .noAnswer)
            }
            for answer in try await panel.all.refuse() {
                let error = #expect(throws: LockstepError.self) { try answer.value }
                #expect(error?.code == .methodThrew && error?.message.contains("CancellationError") == true)
            }
        }
    }

    @Test func cannotSoCallUpdates() async throws {
        try await withPanels { nodes, panels, client in
            let panel = try await client.group(Panel.self, "panel")
            #expect(await code { _ = try await panel.all.add(1) } == .unsupported)
            // Nor can who does not ask its own handle first.
            let raw = try await RawClient(to: ClientAddress(cluster: cluster.name, node: "a"), in: cluster.name)
            var call = CallArguments()
            call.begin(ActorSchema.number(of: "add(_:)"), as: .askedQuery, question: 1, baggage: nil)
            try call.add(1)
            let bytes = MemberCallBytes(
                group: "panel", view: 0, way: .local, patience: 10_000_000_000, payload: call.bytes)
            guard case .refusal(_, let code, _) = try await raw.ask(.all(bytes)) else {
                Issue.record("an update has run as a query")
                return
            }
            #expect(code == LockstepError.Code.schemaMismatch.description)
            #expect(try await panels[1].total() == 0)
        }
    }

    @Test func askThroughMembersThatSend() async throws {
        let silent: @Sendable (Int) -> GroupOptions = { place in inLane { $0.sends = place != 0 } }
        try await withPanels(options: silent) { _, _, client in
            let panel = try await client.group(Panel.self, "panel")
            let answers = try await panel.all.note("all")
            #expect(await code { _ = try answers[0].value } == .noAnswer)
            #expect(try answers[1].value == 1 && answers[2].value == 1)
        }
    }

    @Test func doWithoutThoseWhoAreLate() async throws {
        try await withPanels(callTimeout: .seconds(2)) { _, _, client in
            let panel = try await client.group(Panel.self, "panel")
            var answers: [Answer<Int>]
            // On a busy machine the others may be late, too.
            repeat {
                answers = (try? await panel.all.wait(at: #function)) ?? []
            } while answers.count < 3 || answers[..<2].contains { (try? $0.value) == nil }
            #expect(await code { _ = try answers[2].value } == .noAnswer)
            Latch.named(#function).open()
        }
    }

    @Test func doWithoutThoseWhoAreGone() async throws {
        try await withPanels { nodes, panels, client in
            let panel = try await client.group(Panel.self, "panel")
            let asked = Task { try await panel.all.wait(at: #function) }
            await Latch.named(#function).waitForArrivals(1)
            // The other two have delivered it too, when they have delivered what comes after it.
            for panel in panels.prefix(2) { _ = try await panel.total() }
            await nodes[2].leave()
            #expect(await code { _ = try await asked.value[2].value } == .noAnswer)
            Latch.named(#function).open()
            #expect(try await panel.all.total().map(\.member.name) == ["a", "b"])
        }
    }

    @Test func askAgainThroughAnotherMember() async throws {
        try await withPanels { nodes, _, client in
            let panel = try await client.group(Panel.self, "panel")
            let asked = Task { try await panel.all.wait(at: #function) }
            await Latch.named(#function).waitForArrivals(1)
            await nodes[0].membership.leave(isAbrupt: true)
            Latch.named(#function).open()
            // The view may have changed while they answered.
            let answers = try await asked.value
            #expect(answers.map(\.member.name).suffix(2) == ["b", "c"])
            for answer in answers { #expect([nil, .noAnswer].contains(await code { _ = try answer.value })) }
            #expect(try await panel.all.total().map(\.member.name) == ["b", "c"])
        }
    }

    @Test func doNotRunTwiceWhatIsNoQuery() async throws {
        try await withPanels { nodes, panels, client in
            let panel = try await client.group(Panel.self, "panel")
            let asked = Task { _ = try await panel.all.note("once", at: #function) }
            await Latch.named(#function).waitForArrivals(1)
            await nodes[0].membership.leave(isAbrupt: true)
            #expect(await code { try await asked.value } == .outcomeUnknown)
            Latch.named(#function).open()
            for panel in panels[1...] { #expect(try await panel.read() == ["once"]) }
        }
    }
}
