import LockstepTesting
import Synchronization
import Testing

@testable import Lockstep

/// Runs a test on three nodes that host a till, and books if asked for.
private func withTills(
    hasBooks: Bool = true, attemptsMax: Int? = nil, restoresOneIn: Int = 0,
    performing perform: @escaping @Sendable (Till.Effect, EffectID) async throws -> Void = { _, _ in },
    _ body: ([Node], [Till.Handle], [Books.Handle]) async throws -> Void
) async throws {
    try await withCluster(of: 3) { nodes in
        var options = GroupOptions()
        options.effectAttemptsMax = attemptsMax
        options.restoresOneIn = restoresOneIn
        let tills = try await hostEverywhere("till", on: nodes, options: options, performing: perform) {
            Till(actorSystem: $0)
        }
        // The group begins on all of them, and who does what updates leave is settled.
        for till in tills { _ = try await till.allFailures() }
        let books = hasBooks ? try await hostEverywhere("books", on: nodes) { Books(actorSystem: $0) } : []
        try await body(nodes, tills, books)
    }
}

extension Books.Handle {
    /// What was posted when it is at least so much.
    fileprivate func posted(atLeast count: Int) async throws -> [Int] {
        while try await all().count < count { await Task.yield() }
        return try await all()
    }
}

extension Till.Handle {
    /// Waits until nothing is left to be done, as this member has heard.
    fileprivate func emptyOutbox() async throws {
        while try await group.status().outbox > 0 { await Task.yield() }
    }

    fileprivate func failures(atLeast count: Int) async throws -> [String] {
        while try await allFailures().count < count { await Task.yield() }
        return try await allFailures()
    }
}

/// What was done outside, in the order in which it was.
private final class Outside: Sendable {
    private let state = Mutex<[(effect: Till.Effect, id: EffectID)]>([])

    var done: [(effect: Till.Effect, id: EffectID)] { state.withLock { $0 } }

    func note(_ effect: Till.Effect, _ id: EffectID) { state.withLock { $0.append((effect, id)) } }
}

@Suite("Calls of other groups", .timeLimit(.minutes(1)))
struct ForwardedCallTests {
    @Test func runOnceAndInTheirOrder() async throws {
        try await withTills { _, tills, books in
            for number in 0..<100 { try await tills[number % 3].sell(number) }
            for handle in books { #expect(try await handle.posted(atLeast: 100) == Array(0..<100)) }
            for till in tills { try await till.emptyOutbox() }
            var hashes: Set<UInt64> = []
            for till in tills { hashes.insert(try await till.group.status().stateHash) }
            #expect(hashes.count == 1)
        }
    }

    @Test func ofOneUpdateKeepTheirOrder() async throws {
        try await withTills { _, tills, books in
            try await tills[1].sellMany(50)
            #expect(try await books[1].posted(atLeast: 50) == Array(0..<50))
        }
    }

    @Test func runOnceThoughTwoMembersMakeThem() async throws {
        try await withTills { _, tills, books in
            try await tills[1].group.become(doer: true)
            for number in 0..<50 { try await tills[2].sell(number) }
            for till in tills { try await till.emptyOutbox() }
            // Whatever comes twice comes before what the slower of the two members makes last.
            try await tills[0].group.become(doer: false)
            try await tills[2].sell(50)
            #expect(try await books[0].posted(atLeast: 51) == Array(0...50))
        }
    }

    @Test func areTakenOverByAnotherMember() async throws {
        try await withTills { _, tills, books in
            try await tills[0].group.become(doer: false)
            try await tills[0].sellMany(3)
            #expect(try await books[0].all().isEmpty)
            #expect(try await tills[0].group.status().outbox == 3)
            try await tills[2].group.become(doer: true)
            #expect(try await books[0].posted(atLeast: 3) == [0, 1, 2])
            try await tills[0].emptyOutbox()
        }
    }

    @Test func goOnAfterARestore() async throws {
        try await withTills(restoresOneIn: 2) { _, tills, books in
            for number in 0..<20 {
                try await tills[number % 3].sell(2 * number)
                try await tills[number % 3].sell(2 * number + 1)
            }
            #expect(try await books[0].posted(atLeast: 40) == Array(0..<40))
            try await tills[0].emptyOutbox()
            #expect(try await tills[0].group.restoringFailure() == nil)
        }
    }

    @Test func changeHandsAgainAndAgain() async throws {
        try await withTills { _, tills, books in
            for number in 0..<30 {
                try await tills[number % 3].sell(number)
                try await tills[number % 3].group.become(doer: false)
                try await tills[(number + 1) % 3].group.become(doer: true)
            }
            #expect(try await books[0].posted(atLeast: 30) == Array(0..<30))
            for till in tills { try await till.emptyOutbox() }
            #expect(try await books[2].all() == Array(0..<30))
        }
    }

    @Test func thatThrowAreReportedOnceToTheActor() async throws {
        try await withTills { _, tills, books in
            try await tills[1].sell(-1)
            try await tills[1].sell(2)
            #expect(try await books[1].posted(atLeast: 2) == [-1, 2])
            for till in tills { #expect(try await till.failures(atLeast: 1) == ["NegativeAmount()"]) }
        }
    }

    @Test func thatThrowAreReportedByTheNextMemberToo() async throws {
        try await withTills { _, tills, books in
            try await tills[0].group.become(doer: false)
            try await tills[1].sell(-1)
            // The call runs, and the member that has made it ends before it can say so.
            let id = EffectID(group: "till", place: EffectID.Place(version: 1, index: 0))
            var call = CallArguments()
            try call.begin(forwarded: ActorSchema.number(of: "post(_:)"), as: id, stamp: 0)
            try call.add(-1)
            await #expect(throws: ForwardedFailure.self) { try await books[0].group.channel.forward(call.bytes) }
            #expect(try await books[1].posted(atLeast: 1) == [-1])
            try await tills[2].group.become(doer: true)
            #expect(try await tills[0].failures(atLeast: 1) == ["NegativeAmount()"])
            #expect(try await books[1].all() == [-1])
        }
    }

    @Test func waitUntilTheGroupIsHosted() async throws {
        try await withTills(hasBooks: false) { nodes, tills, _ in
            try await tills[1].sell(7)
            #expect(try await tills[1].group.status().outbox == 1)
            let books = try await hostEverywhere("books", on: nodes) { Books(actorSystem: $0) }
            #expect(try await books[2].posted(atLeast: 1) == [7])
        }
    }

    @Test func ofAGroupOfAnotherActorFail() async throws {
        try await withTills { _, tills, _ in
            try await tills[0].use("till")
            try await tills[0].sell(1)
            let failures = try await tills[2].failures(atLeast: 1)
            #expect(failures[0].contains("is of Till, not of Books"), "\(failures)")
        }
    }
}

@Suite("Effects outside", .timeLimit(.minutes(1)))
struct OutsideEffectTests {
    @Test func areDoneByOneMemberWithTheirIdentity() async throws {
        let outside = Outside()
        try await withTills(performing: outside.note) { _, tills, _ in
            var ids: [EffectID] = []
            for number in 0..<40 { ids.append(try await tills[number % 3].sendReceipt(number)) }
            for till in tills { try await till.emptyOutbox() }
            #expect(Set(ids).count == 40 && Set(outside.done.map(\.id)) == Set(ids))
            #expect(outside.done.count == 40)
            for (effect, id) in outside.done {
                #expect(effect == .receipt(number: try #require(ids.firstIndex(of: id))))
            }
        }
    }

    @Test func areTriedAgainWithTheSameIdentity() async throws {
        let outside = Outside()
        try await withTills { effect, id in
            outside.note(effect, id)
            if outside.done.count < 3 { throw NegativeAmount() }
        } _: { _, tills, _ in
            let id = try await tills[1].sendReceipt(5)
            try await tills[1].emptyOutbox()
            #expect(outside.done.map(\.id) == [id, id, id])
            #expect(try await tills[1].allFailures().isEmpty)
        }
    }

    @Test func failAfterSoManyAttempts() async throws {
        let outside = Outside()
        try await withTills(attemptsMax: 2) { effect, id in
            outside.note(effect, id)
            throw NegativeAmount()
        } _: { _, tills, _ in
            _ = try await tills[1].sendReceipt(5)
            for till in tills { #expect(try await till.failures(atLeast: 1) == ["NegativeAmount()"]) }
            #expect(outside.done.count == 2)
        }
    }

    @Test func areTakenOverByAnotherMember() async throws {
        let outside = Outside()
        let started = Count()
        try await withTills { effect, id in
            started.raise()
            // The first member never comes to an end with it.
            if started.value == 1 { try await Task.sleep(for: .seconds(3600)) }
            outside.note(effect, id)
        } _: { _, tills, _ in
            let id = try await tills[1].sendReceipt(5)
            while started.value == 0 { await Task.yield() }
            #expect(try await tills[1].group.status().outbox == 1)
            try await tills[0].group.become(doer: false)
            try await tills[1].group.become(doer: true)
            for till in tills { try await till.emptyOutbox() }
            #expect(outside.done.map(\.id) == [id])
        }
    }

    @Test func areBegunAnewWhenAMemberIsTheOneAgain() async throws {
        let outside = Outside()
        let started = Count()
        try await withTills { effect, id in
            started.raise()
            if started.value == 1 { try await Task.sleep(for: .seconds(3600)) }
            outside.note(effect, id)
        } _: { _, tills, _ in
            let id = try await tills[0].sendReceipt(5)
            while started.value == 0 { await Task.yield() }
            try await tills[0].group.become(doer: true)
            try await tills[0].emptyOutbox()
            #expect(outside.done.map(\.id) == [id])
        }
    }

    @Test func areRefusedWhereTheOutboxIsFull() async throws {
        try await withTills(performing: { _, _ in try await Task.sleep(for: .seconds(3600)) }) { _, tills, _ in
            // A part at a time: a node that is at one update for too long leaves.
            let part = Outbox.countMax / 8
            for _ in 0..<8 { #expect(try await tills[0].send(receipts: part) == part) }
            #expect(try await tills[0].send(receipts: 1) == 0)
            let error = await #expect(throws: LockstepError.self) { try await tills[1].sell(1) }
            #expect(error?.code == .outboxFull)
            let status = try await tills[1].group.status()
            #expect(status.outbox == Outbox.countMax)
        }
    }

    @Test func areState() async throws {
        try await checkDeterminism(of: { Till(actorSystem: $0) }) { till in
            for number in 0..<60 {
                // Nobody hosts the books, so that the calls stay.
                try await till.sell(number)
                _ = try await till.sendReceipt(number)
            }
            #expect(try await till.group.status().outbox >= 60)
        }
    }
}
