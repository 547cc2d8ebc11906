import LockstepFabric
import LockstepTesting
import Synchronization
import Testing

@testable import Lockstep

private struct Refusal: Error {
    let reason: String
}

private let tickets = Atomic<Int>(0)

private func nextTicket() -> Int { tickets.wrappingAdd(1, ordering: .relaxed).newValue }

private func hold(_ latch: String) { Latch.named(latch).pass() }

@Replicated
distributed actor Oracle {
    private var count = 0
    @Local private let isLate: Bool

    init(actorSystem: LockstepSystem, isLate: Bool = false) {
        self.actorSystem = actorSystem
        self.isLate = isLate
    }

    distributed func add(_ more: Int) -> Int {
        count += more
        return count
    }

    distributed func drift() -> Int { nextTicket() }

    distributed func refuse(_ reason: String) throws { throw Refusal(reason: reason) }

    distributed func reset() { count = 0 }

    /// Only where the replica is late.
    distributed func wait(at latch: String) -> Int {
        if isLate { hold(latch) }
        return count
    }

    @Query
    distributed func total() -> Int { count }

    @Query
    distributed func asker() -> String { context.caller.name }

    @Query
    distributed func bytes(_ size: Int) -> [UInt8] { Array(repeating: 7, count: size) }
}

@Suite("Asking all members", .timeLimit(.minutes(1)))
struct AskAllTests {
    private func withOracles(
        callTimeout: Duration = .seconds(30),
        options: @escaping @Sendable (Int) -> GroupOptions = { _ in GroupOptions() },
        _ body: ([Node], [Oracle.Handle]) async throws -> Void
    ) async throws {
        try await withCluster(of: 3, configure: { $0.callTimeout = callTimeout }) { nodes in
            var oracles: [Oracle.Handle] = []
            for (place, node) in nodes.enumerated() {
                oracles.append(
                    try await node.host("oracle", options: options(place)) {
                        Oracle(actorSystem: $0, isLate: place == 2)
                    })
            }
            try await body(nodes, oracles)
        }
    }

    @Test func givesTheResultOfEach() async throws {
        try await withOracles { _, oracles in
            #expect(try await oracles[0].add(4) == 4)
            let added = try await oracles[1].all.add(3)
            #expect(added.map(\.member.name) == ["a", "b", "c"])
            #expect(try added.map { try $0.value } == [7, 7, 7])
            #expect(try await oracles[2].all.total().map { try $0.value } == [7, 7, 7])
            #expect(try await oracles[2].all.asker().map { try $0.value } == ["c", "c", "c"])
            for answer in try await oracles[0].all.reset() { try answer.value }
            for oracle in oracles {
                #expect(try await oracle.total() == 0)
                // Queries are no updates.
                #expect(try await oracle.group.status().updates == 3)
            }
        }
    }

    @Test func showsWhereReplicasDiffer() async throws {
        try await withOracles { _, oracles in
            let answers = try await oracles[0].all.drift()
            #expect(Set(try answers.map { try $0.value }).count == 3)
        }
    }

    @Test func tellsWhatEachThrows() async throws {
        try await withOracles { _, oracles in
            for answer in try await oracles[1].all.refuse("closed on Sundays") {
                let error = #expect(throws: LockstepError.self) { try answer.value }
                #expect(error?.code == .methodThrew && error?.message.contains("closed on Sundays") == true)
            }
        }
    }

    @Test func refusesResultsThatFitInNoRing() async throws {
        let small: @Sendable (Int) -> GroupOptions = { place in
            var options = GroupOptions()
            if place == 1 { options.ringBytes = 4096 }
            return options
        }
        try await withOracles(options: small) { _, oracles in
            let answers = try await oracles[0].all.bytes(3000)
            #expect(try answers[0].value.count == 3000)
            #expect(throws: LockstepError.self) { try answers[1].value }
            #expect(try answers[2].value.count == 3000)
        }
    }

    @Test func doesNotWaitForThoseWhoDoNotSend() async throws {
        let silent: @Sendable (Int) -> GroupOptions = { place in
            var options = GroupOptions()
            options.sends = place != 1
            return options
        }
        try await withOracles(options: silent) { _, oracles in
            let answers = try await oracles[0].all.total()
            #expect(try answers[0].value == 0 && answers[2].value == 0)
            let error = #expect(throws: LockstepError.self) { try answers[1].value }
            #expect(error?.code == .noAnswer)
            #expect(await code { _ = try await oracles[1].all.total() } == .notSender)
        }
    }

    @Test func hasRoomForManyAnswersInSmallRings() async throws {
        let small: @Sendable (Int) -> GroupOptions = { _ in
            var options = GroupOptions()
            options.ringBytes = 4096
            return options
        }
        try await withOracles(options: small) { _, oracles in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for call in 0..<150 {
                    group.addTask {
                        try await oracles[call % 3].all.bytes(500).allSatisfy { try $0.value.count == 500 }
                    }
                }
                for try await isComplete in group { #expect(isComplete) }
            }
        }
    }

    @Test func doesWithoutThoseWhoAreLate() async throws {
        let lanes: @Sendable (Int) -> GroupOptions = { _ in inLane() }
        try await withOracles(callTimeout: .seconds(1), options: lanes) { _, oracles in
            var answers: [Answer<Int>]
            // On a busy machine the others may be late, too.
            repeat {
                answers = try await oracles[0].all.wait(at: #function)
            } while answers[..<2].contains { (try? $0.value) == nil }
            let error = #expect(throws: LockstepError.self) { try answers[2].value }
            #expect(error?.code == .noAnswer)
            Latch.named(#function).open()
        }
    }

    @Test func doesWithoutThoseWhoAreGone() async throws {
        let lanes: @Sendable (Int) -> GroupOptions = { _ in inLane() }
        try await withOracles(options: lanes) { nodes, oracles in
            let asked = Task { try await oracles[0].all.wait(at: #function) }
            await Latch.named(#function).waitForArrivals(1)
            // The other two have delivered it too, when they have delivered what comes after it.
            for oracle in oracles.prefix(2) { _ = try await oracle.total() }
            await nodes[2].leave()
            let error = await #expect(throws: LockstepError.self) { try await asked.value[2].value }
            #expect(error?.code == .noAnswer)
            Latch.named(#function).open()
        }
    }

    /// Else an answer would be taken for that of who had its rank in the view before.
    @Test func goesToTheMembersOfTheViewThatItIsSentIn() throws {
        let members = ["a", "b", "c"].enumerated().map { rank, name in
            View.Member(
                name: name, rank: rank, incarnation: UInt64(rank), processID: 1, regionSize: 1, peer: Peer(rank))
        }
        let questions = Questions()
        questions.begin(members, silent: [])
        let early = questions.open()
        questions.end(because: LockstepError(.noAnswer, "The view has ended."))
        let (number, reply) = questions.open()
        questions.begin(Array(members[1...]), silent: [1])
        questions.note(.success([1]), to: early.number, from: 0)
        questions.note(.success([2]), to: number, from: 0)
        let answers = try reply.outcome(as: [MemberAnswer].self)
        #expect(answers.map(\.member.name) == ["b", "c"])
        #expect(try answers[0].answer.get() == [2])
        #expect(throws: LockstepError.self) { try answers[1].answer.get() }
        #expect(try early.reply.outcome(as: [MemberAnswer].self).count == 3)
    }

    @Test func isTakenApartAgain() {
        let answers: [EncodedAnswer] = [
            .success([1, 2, 3]), .success([]), .failure(LockstepError(.methodThrew, "no")),
            .failure(LockstepError(.noAnswer, "")),
        ]
        for answer in answers {
            let message = answer.message(to: 7, of: 2, method: 9, sizeMax: 100)
            message.withUnsafeBytes { bytes in
                #expect(CallHeader(bytes)?.answered == 7 && CallHeader(bytes)?.kind == .answer)
                let read = EncodedAnswer.read(bytes)
                #expect(read?.rank == 2)
                switch (answer, read?.answer) {
                case (.success(let one), .success(let other)): #expect(one == other)
                case (.failure(let one), .failure(let other)):
                    #expect(one.code == other.code && one.message == other.message)
                default: Issue.record("\(answer)")
                }
            }
            for count in 0..<25 {
                Array(message.prefix(count)).withUnsafeBytes { #expect(EncodedAnswer.read($0) == nil) }
            }
        }
    }
}
