import LockstepFabric
import LockstepTesting
import Synchronization
import Testing

@testable import Lockstep

private struct Refusal: Error {
    let reason: String
}

private func hold(_ latch: String) { Latch.named(latch).pass() }

@Replicated
distributed actor Clerk {
    private var count = 0
    /// What this member alone was told.
    @Local private var notes: [String] = []

    distributed func add(_ more: Int) -> Int {
        count += more
        return count
    }

    @Query
    distributed func total() -> Int { count }

    @Query
    distributed var double: Int { count * 2 }

    @Query
    distributed func read() -> [String] { notes }

    @Query
    distributed func bytes(_ size: Int) -> [UInt8] { Array(repeating: 7, count: size) }

    @Query
    distributed func wait(at latch: String) -> Int {
        hold(latch)
        return count
    }

    @Direct
    distributed func note(_ text: String) -> String {
        notes.append(text)
        return "\(context.caller.name): \(text)"
    }

    @Direct
    distributed func store(_ bytes: [UInt8]) { notes.append("\(bytes.count) bytes") }

    @Direct
    distributed func refuse(_ reason: String) throws { throw Refusal(reason: reason) }

    @Direct
    distributed func stay(at latch: String) {
        hold(latch)
        notes.append(latch)
    }

    @Direct
    distributed func spoil() { count += 1 }
}

@Suite("Calls to one member", .timeLimit(.minutes(1)))
struct OneMemberTests {
    private func withClerks(
        of count: Int = 3, callTimeout: Duration = .seconds(30),
        options: @escaping @Sendable (Int) -> GroupOptions = { _ in GroupOptions() },
        _ body: ([Node], [Clerk.Handle]) async throws -> Void
    ) async throws {
        try await withCluster(of: count, configure: { $0.callTimeout = callTimeout }) { nodes in
            var clerks: [Clerk.Handle] = []
            for (place, node) in nodes.enumerated() {
                clerks.append(
                    try await node.host("clerk", options: options(place)) { Clerk(actorSystem: $0) })
            }
            try await body(nodes, clerks)
        }
    }

    private func member(_ place: Int, of clerk: Clerk.Handle) throws -> View.Member {
        try #require(clerk.group.members.dropFirst(place).first)
    }

    @Test func runAtThatMemberAlone() async throws {
        try await withClerks { _, clerks in
            let members = clerks[0].group.members
            #expect(members.map(\.name) == ["a", "b", "c"])
            #expect(try await clerks[0].on(members[2]).note("hello") == "a: hello")
            #expect(try await clerks[1].on(members[2]).note("there") == "b: there")
            #expect(try await clerks[1].on(members[1]).note("me") == "b: me")
            try await clerks[0].on(members[0]).store([1, 2, 3])
            for (clerk, notes) in zip(clerks, [["3 bytes"], ["me"], ["hello", "there"]]) {
                #expect(try await clerk.read() == notes)
            }
            #expect(try await clerks[0].on(members[2]).read() == ["hello", "there"])
            // They are no updates.
            #expect(try await clerks[2].group.status().updates == 0)
        }
    }

    @Test func waitUntilTheGroupIsActive() async throws {
        try await withCluster(of: 2) { nodes in
            let first = try await nodes[0].host("clerk") { Clerk(actorSystem: $0) }
            let early = Task { try await first.on(nodes[0].membership.view.members[1]).note("early") }
            _ = try await nodes[1].host("clerk") { Clerk(actorSystem: $0) }
            #expect(try await early.value == "a: early")
        }
    }

    @Test(arguments: [Consistency.linearizable, .leased, .local])
    func queriesSeeWhatTheyHaveTo(_ consistency: Consistency) async throws {
        let lanes: @Sendable (Int) -> GroupOptions = { $0 == 1 ? inLane() : GroupOptions() }
        try await withClerks(options: lanes) { _, clerks in
            let members = clerks[0].group.members
            for round in 1...20 {
                #expect(try await clerks[0].add(1) == round)
                for member in members {
                    let seen = try await clerks[0].reading(consistency).on(member).total()
                    if consistency == .local { #expect(seen <= round) } else { #expect(seen == round) }
                }
            }
            #expect(try await clerks[2].on(members[0]).double == 40)
        }
    }

    @Test func goRoundTheRing() async throws {
        try await withClerks { _, clerks in
            _ = try await clerks[0].total()
            #expect(clerks.map { $0.group.next?.member.name } == ["b", "c", "a"])
            for clerk in clerks { _ = try await clerk.next?.note("next") }
            for clerk in clerks { #expect(try await clerk.read() == ["next"]) }
        }
        try await withClerks(of: 1) { _, clerks in
            _ = try await clerks[0].total()
            #expect(clerks[0].group.next == nil)
        }
    }

    @Test func toAllGiveTheResultOfEach() async throws {
        try await withClerks { _, clerks in
            _ = try await clerks[0].on(member(1, of: clerks[0])).note("first")
            let answers = try await clerks[2].all.note("all")
            #expect(try answers.map { try $0.value } == Array(repeating: "c: all", count: 3))
            for (clerk, notes) in zip(clerks, [["all"], ["first", "all"], ["all"]]) {
                #expect(try await clerk.read() == notes)
                #expect(try await clerk.group.status().updates == 0)
            }
        }
    }

    @Test func tellWhatTheMethodThrows() async throws {
        try await withClerks { _, clerks in
            for member in clerks[0].group.members {
                let error = await #expect(throws: LockstepError.self) {
                    try await clerks[0].on(member).refuse("closed on Sundays")
                }
                #expect(error?.code == .methodThrew && error?.message.contains("closed on Sundays") == true)
            }
        }
    }

    @Test func doNotRunAtThoseWhoAreGone() async throws {
        try await withClerks { nodes, clerks in
            let gone = try member(2, of: clerks[0])
            _ = try await clerks[0].on(gone).note("here")
            await nodes[2].leave()
            // Each of them has its view when it has: one may be behind the other.
            for node in nodes[..<2] {
                for await view in node.views where view.members.count == 2 { break }
            }
            #expect(await code { _ = try await clerks[0].on(gone).note("gone") } == .notReplica)
            #expect(await code { _ = try await clerks[0].on(gone).total() } == .notReplica)
            #expect(clerks[1].group.next?.member.name == "a")
        }
    }

    /// Long before the deadline, which these calls would otherwise reach after the test's time.
    @Test func endWithTheViewOfTheMember() async throws {
        let lanes: @Sendable (Int) -> GroupOptions = { $0 == 2 ? inLane() : GroupOptions() }
        try await withClerks(callTimeout: .seconds(600), options: lanes) { nodes, clerks in
            let late = try member(2, of: clerks[0])
            let stays = Task { try await clerks[0].on(late).stay(at: #function) }
            await Latch.named(#function).waitForArrivals(1)
            let asks = Task { try await clerks[1].reading(.local).on(late).total() }
            await nodes[2].leave()
            #expect(await code { try await stays.value } == .outcomeUnknown)
            let asked = await code { _ = try await asks.value }
            // It may not have been sent before the member had left.
            #expect(asked == .noAnswer || asked == .notReplica || asked == .notExecuted)
            Latch.named(#function).open()
        }
    }

    @Test func tellWhatIsUnknownAtTheDeadline() async throws {
        let lanes: @Sendable (Int) -> GroupOptions = { $0 == 1 ? inLane() : GroupOptions() }
        try await withClerks(callTimeout: .seconds(1), options: lanes) { _, clerks in
            let late = try member(1, of: clerks[0])
            #expect(await code { try await clerks[0].on(late).stay(at: #function) } == .outcomeUnknown)
            #expect(await code { _ = try await clerks[0].reading(.local).on(late).total() } == .noAnswer)
            Latch.named(#function).open()
            // What was given up has run, or was refused because nobody waits for it any more.
            try await clerks[1].group.wait { $0.read() == [#function] }
        }
    }

    @Test func areHeldBackWhereNobodyAnswers() async throws {
        let lanes: @Sendable (Int) -> GroupOptions = { $0 == 1 ? inLane() : GroupOptions() }
        try await withClerks(callTimeout: .seconds(1), options: lanes) { _, clerks in
            let late = try member(1, of: clerks[0])
            let codes = await withTaskGroup(of: LockstepError.Code?.self) { group in
                for _ in 0..<100 {
                    group.addTask { await code { try await clerks[0].on(late).stay(at: #function) } }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.count { $0 == .outcomeUnknown } == 32)
            #expect(codes.count { $0 == .notExecuted } == 68)
            Latch.named(#function).open()
        }
    }

    @Test func manyAtOnceAreAllAnswered() async throws {
        try await withClerks { _, clerks in
            let members = clerks[0].group.members
            try await withThrowingTaskGroup(of: Int.self) { group in
                for call in 0..<600 {
                    group.addTask {
                        try await clerks[call % 3].reading(.local).on(members[call / 3 % 3]).bytes(call).count
                    }
                }
                var counts: [Int] = []
                for try await count in group { counts.append(count) }
                #expect(counts.sorted() == Array(0..<600))
            }
        }
    }

    @Test func withdrawWhatIsCancelledInTime() async throws {
        let lanes: @Sendable (Int) -> GroupOptions = { $0 == 1 ? inLane() : GroupOptions() }
        try await withClerks(options: lanes) { _, clerks in
            let late = try member(1, of: clerks[0])
            let stays = Task { try await clerks[0].on(late).stay(at: #function) }
            await Latch.named(#function).waitForArrivals(1)
            let asks = Task { try await clerks[0].reading(.local).on(late).total() }
            stays.cancel()
            #expect(await code { try await stays.value } == .outcomeUnknown)
            asks.cancel()
            await #expect(throws: CancellationError.self) { try await asks.value }
            let never = Task {
                while !Task.isCancelled { await Task.yield() }
                return try await clerks[0].on(late).note("never")
            }
            never.cancel()
            await #expect(throws: CancellationError.self) { try await never.value }
            Latch.named(#function).open()
            try await clerks[1].group.wait { $0.read() == [#function] }
        }
    }

    @Test func refuseWhatIsTooLarge() async throws {
        try await withClerks { _, clerks in
            for member in clerks[0].group.members.prefix(2) {
                let direct = clerks[0].on(member)
                #expect(await code { try await direct.store(Array(repeating: 0, count: 70_000)) } == .messageTooLarge)
                try await direct.store(Array(repeating: 0, count: 65_000))
                #expect(try await direct.bytes(65_000).count == 65_000)
            }
            let other = try clerks[0].on(member(1, of: clerks[0]))
            #expect(await code { _ = try await other.bytes(70_000) } == .noAnswer)
        }
    }

    @Test func areCalledThroughTheHandleOnly() async throws {
        try await withClerks(of: 1) { nodes, clerks in
            let clerk = try Clerk.resolve(id: "clerk", using: nodes[0].actorSystem)
            #expect(await code { _ = try await clerk.note("everywhere") } == .unsupported)
            #expect(try await clerks[0].read() == [])
        }
    }

    @Test func mayReachMembersThatDoNotSend() async throws {
        let silent: @Sendable (Int) -> GroupOptions = { place in
            var options = GroupOptions()
            options.sends = place != 1
            return options
        }
        try await withClerks(options: silent) { _, clerks in
            let members = clerks[0].group.members
            _ = try await clerks[0].add(1)
            #expect(try await clerks[0].on(members[1]).total() == 1)
            #expect(try await clerks[1].on(members[2]).note("quietly") == "b: quietly")
        }
    }

    #if DEBUG
        @Test func mayNotChangeWhatIsReplicated() async throws {
            try await withClerks { _, clerks in
                for member in clerks[0].group.members {
                    let error = await #expect(throws: LockstepError.self) { try await clerks[0].on(member).spoil() }
                    #expect(error?.message.contains("Remove @Direct") == true)
                }
            }
        }
    #endif

    // MARK: - What waits here

    /// Nothing leaves a node that has no mesh, so these calls wait for their turn.
    @Test func tellThatTheyWereNotSent() async throws {
        let region = try SharedMemoryRegion(name: "one-member", size: 1 << 20)
        let calls = MemberCalls(pollers: Pollers(region, homes: [PollerHome()]))
        func call(deadline: Int64 = .max) async -> LockstepError.Code? {
            let other = View.Member(
                name: "b", rank: 1, incarnation: 2, processID: 2, regionSize: 1 << 20, peer: Peer(1))
            let call = MemberCalls.OutgoingCall(member: other, bytes: callBytes(), isQuery: false, deadline: deadline)
            return await code { _ = try await calls.make(call) }
        }
        #expect(await call() == .notReplica)
        calls.keep(only: [1, 2])
        #expect(calls.deadline == nil)

        async let late = call(deadline: 5)
        while calls.deadline == nil { await Task.yield() }
        #expect(calls.deadline == 5)
        calls.expire(at: 4)
        calls.expire(at: 5)
        #expect(await late == .notExecuted)
        #expect(calls.deadline == nil)

        async let broken = call(deadline: 7)
        while calls.deadline == nil { await Task.yield() }
        calls.noteDisconnected(2)
        #expect(await broken == .notExecuted)
        #expect(await call() == .notExecuted)

        calls.noteConnected(2)
        async let left = call(deadline: 6)
        while calls.deadline != 6 { await Task.yield() }
        calls.keep(only: [1])
        #expect(await left == .notReplica)
        calls.keep(only: [1, 2])
        async let ended = call(deadline: 3)
        while calls.deadline != 3 { await Task.yield() }
        calls.end(because: CallChannel.hasLeft)
        #expect(await ended == .notMember)
        #expect(await call() == .notMember)
    }

    // MARK: - Bytes

    private func callBytes(_ way: QueryWay = .leased) -> MemberCallBytes {
        var call = CallArguments()
        call.begin(9, as: .askedQuery, question: 77, baggage: nil)
        return MemberCallBytes(group: "clerk", view: 3, way: way, patience: 1000, payload: call.bytes)
    }

    @Test func areTakenApartAgain() {
        for way in [QueryWay.marked, .leased, .local] {
            let call = callBytes(way)
            let read = MemberCallBytes(call.bytes)
            #expect(read?.group == "clerk" && read?.view == 3 && read?.patience == 1000)
            #expect(read?.way == way && read?.question == 77 && read?.payload == call.payload)
        }
        let answers: [EncodedAnswer] = [.success([1, 2]), .success([]), .failure(LockstepError(.methodThrew, "no"))]
        for answer in answers {
            let read = MemberReplyBytes(MemberReplyBytes(question: 7, .answered(answer)).bytes)
            #expect(read?.question == 7)
            switch (answer, read?.reply) {
            case (.success(let one), .answered(.success(let other))): #expect(one == other)
            case (.failure(let one), .answered(.failure(let other))): #expect(one.message == other.message)
            default: Issue.record("\(answer)")
            }
        }
        let refused = MemberReplyBytes(MemberReplyBytes(question: 8, .refused("why")).bytes)
        #expect(refused?.question == 8)
        if case .refused("why") = refused?.reply {} else { Issue.record("a refusal must keep its reason") }
    }

    @Test func areRefusedWhenDamaged() {
        let call = callBytes().bytes
        for count in 0..<call.count { #expect(MemberCallBytes(Array(call.prefix(count))) == nil) }
        var other = call
        other[16] = 3
        #expect(MemberCallBytes(other) == nil)
        other = call
        other[15] = 0x80
        #expect(MemberCallBytes(other) == nil)
        other = call
        other[18] = 0xFF
        #expect(MemberCallBytes(other) == nil)
        let reply = MemberReplyBytes(question: 7, .answered(.success([]))).bytes
        for count in 0..<reply.count { #expect(MemberReplyBytes(Array(reply.prefix(count))) == nil) }
        #expect(MemberReplyBytes([2] + reply.dropFirst()) == nil)
        #expect(MemberReplyBytes([1, 0, 0]) == nil)
    }

    /// A member that sends an update so would have it run on one replica alone.
    @Test func cannotBeUpdates() async throws {
        try await withClerks { nodes, clerks in
            let members = clerks[0].group.members
            var call = CallArguments()
            let calls = try clerks[0].group.channel.memberCalls
            call.begin(ActorSchema.number(of: "add(_:)"), as: .askedQuery, question: calls.nextQuestion(), baggage: nil)
            try call.add(1)
            let bytes = MemberCallBytes(
                group: "clerk", view: nodes[0].membership.view.number, way: .local, patience: 1 << 40,
                payload: call.bytes)
            let refused = await code {
                _ = try await calls.make(
                    MemberCalls.OutgoingCall(member: members[1], bytes: bytes, isQuery: true, deadline: .max))
            }
            #expect(refused == .notExecuted)
            #expect(try await clerks[1].total() == 0)
        }
    }
}
