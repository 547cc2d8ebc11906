import LockstepTesting
import Testing

@testable import Lockstep

@Suite("A call", .timeLimit(.minutes(1)))
struct CallTests {
    private func withLedgers(_ body: ([Node], [Ledger.Handle]) async throws -> Void) async throws {
        try await withCluster(of: 2, configure: { $0.ringBytes = 4096 }) { nodes in
            let ledgers = try await hostEverywhere("ledger", on: nodes) { Ledger(actorSystem: $0) }
            // While a member is held up, no group begins.
            for ledger in ledgers { try await ledger.group.wait(forMembers: 2) }
            try await body(nodes, ledgers)
        }
    }

    @Test func thatIsCancelledAfterItWasSentHasAnUnknownOutcomeAndRuns() async throws {
        try await withLedgers { nodes, ledgers in
            let id = try await whileBlocked(nodes[1]) {
                let task = Task(executorPreference: nodes[0].executor) { try await ledgers[0].deposit(5, to: "x") }
                await reachPoller(of: nodes[0])
                task.cancel()
                let error = await #expect(throws: LockstepError.self) { try await task.value }
                #expect(error?.code == .outcomeUnknown && error?.cause is CancellationError)
                let id = try #require(error?.callID)
                #expect(id.rank == 0 && id.view == 1)
                #expect(try await ledgers[0].group.outcome(of: id) == .pending)
                return id
            }
            #expect(try await ledgers[0].deposit(1, to: "x") == 6)
            #expect(try await ledgers[0].group.outcome(of: id) == .executed)
            #expect(try await ledgers[1].balance(of: "x") == 6)
            #expect(try await ledgers[1].group.outcome(of: id) == .executed)
            let later = CallID(view: 1, rank: 0, number: id.number + 100)
            #expect(try await ledgers[1].group.outcome(of: later) == .pending)
            #expect(try await ledgers[1].group.outcome(of: CallID(view: 2, rank: 0, number: 0)) == .unknown)
            #expect(try await ledgers[1].group.outcome(of: CallID(view: 1, rank: 9, number: 0)) == .unknown)
        }
    }

    @Test func thatIsCancelledWhileItWaitsForRoomDoesNotRun() async throws {
        try await withLedgers { nodes, ledgers in
            try await whileBlocked(nodes[1]) {
                // On one executor, tasks begin in the order in which they are made.
                let filling = (0..<20).map { _ in
                    Task(executorPreference: nodes[0].executor) {
                        try await ledgers[0].store(Array(repeating: 7, count: 900))
                    }
                }
                let late = Task(executorPreference: nodes[0].executor) { try await ledgers[0].deposit(5, to: "y") }
                await reachPoller(of: nodes[0])
                late.cancel()
                await #expect(throws: CancellationError.self) { try await late.value }
                for task in filling { task.cancel() }
            }
            #expect(try await ledgers[1].balance(of: "y") == 0)
        }
    }

    @Test func thatWaitsForRoomIsEncodedOnce() async throws {
        try await withLedgers { nodes, ledgers in
            let encoded = Count()
            let tasks = try await whileBlocked(nodes[1]) {
                let tasks = (0..<20).map { _ in
                    Task(executorPreference: nodes[0].executor) {
                        let count: Int = try await ledgers[0].group.update(ActorSchema.number(of: "store(_:)")) {
                            call in
                            encoded.raise()
                            try call.add([UInt8](repeating: 7, count: 900))
                        }
                        #expect(count == 900)
                    }
                }
                await reachPoller(of: nodes[0])
                return tasks
            }
            for task in tasks { try await task.value }
            #expect(encoded.value == 20)
        }
    }

    @Test func mayBeOneOfManyInFlightFromOneTask() async throws {
        try await withLedgers { _, ledgers in
            let group = ledgers[0].group
            let number = ActorSchema.number(of: "deposit(_:to:)")
            var calls: [Call<Int>] = []
            for _ in 0..<300 {
                calls.append(
                    try await group.begin(number) {
                        try $0.add(1)
                        try $0.add("x")
                    }
                )
            }
            for (place, call) in calls.enumerated() { #expect(try await call.value == place + 1) }
            // The outcome stays, for whoever asks.
            #expect(calls[9].isDone)
            #expect(try await calls[9].value == 10)
            #expect(try await ledgers[1].balance(of: "x") == 300)
        }
    }

    @Test func hasItsOutcomeForAllWhoWait() async throws {
        try await withLedgers { nodes, ledgers in
            let number = ActorSchema.number(of: "withdraw(_:from:)")
            let (call, waiting) = try await whileBlocked(nodes[1]) {
                let call: Call<Int> = try await ledgers[0].group.begin(number) {
                    try $0.add(4)
                    try $0.add("x")
                }
                let waiting = (0..<5).map { _ in Task(executorPreference: nodes[0].executor) { try await call.value } }
                await reachPoller(of: nodes[0])
                #expect(!call.isDone)
                return (call, waiting)
            }
            for task in waiting {
                await #expect(throws: Overdrawn(account: "x", missing: 4)) { try await task.value }
            }
            await #expect(throws: Overdrawn(account: "x", missing: 4)) { try await call.value }
        }
    }

    @Test func ofAnotherReleaseIsRefused() {
        var writer = WireWriter()
        CallHeader(.call, method: 9).write(to: &writer)
        writer.bytes.withUnsafeBytes { #expect(CallHeader($0)?.method == 9) }
        for place in 4..<6 {
            for bit in 0..<8 {
                var bytes = writer.bytes
                bytes[place] ^= 1 << bit
                let header = bytes.withUnsafeBytes { CallHeader($0) }
                #expect(header == nil || header?.kind != .call)
            }
        }
        for count in 0..<16 { #expect(Array(writer.bytes.prefix(count)).withUnsafeBytes { CallHeader($0) } == nil) }
    }
}

@Suite("What a task waits for", .timeLimit(.minutes(1)))
struct PendingReplyTests {
    /// Space in a ring that was given to a task would be lost for ever.
    @Test func reachesACancelledTaskIfItMustNotBeLost() async throws {
        let reply = PendingReply(onCancel: .waitsOn)
        let task = Task { try await reply.value(as: Int.self) }
        task.cancel()
        for _ in 0..<10 { await Task.yield() }
        #expect(!reply.isAnswered)
        reply.succeed(7)
        #expect(try await task.value == 7)
    }

    @Test func endsForACancelledTaskOtherwise() async throws {
        let query = PendingReply(onCancel: .ends)
        let call = PendingReply()
        let tasks = [query, call].map { reply in Task { try await reply.value(as: Int.self) } }
        for task in tasks { task.cancel() }
        await #expect(throws: CancellationError.self) { try await tasks[0].value }
        let error = await #expect(throws: LockstepError.self) { try await tasks[1].value }
        #expect(error?.code == .outcomeUnknown)
        // What comes later is dropped.
        query.succeed(7)
        await #expect(throws: CancellationError.self) { try await query.value(as: Int.self) }
    }

    @Test func isRefusedAsAnotherType() async {
        let reply = PendingReply()
        reply.succeed("text")
        let error = await #expect(throws: LockstepError.self) { try await reply.value(as: Int.self) }
        #expect(error?.code == .schemaMismatch)
    }
}

@Suite("Room for a result")
struct ReplySlotTests {
    private enum Shape: Equatable {
        case circle(radius: Double)
        case path([Int])
    }

    @Test func givesBackWhatWasPutIn() {
        expectBack(7)
        expectBack("a string that is longer than what fits in place")
        expectBack([1, 2, 3])
        expectBack(Int?.none)
        expectBack(Int128.max)
        expectBack(Shape.path([1, 2]))
        expectBack(SIMD4<Float>(1, 2, 3, 4))
    }

    @Test func holdsNothingOfAnotherType() {
        var slot = ReplySlot()
        #expect(!slot.holds(Int.self))
        slot.put(5)
        #expect(slot.holds(Int.self) && !slot.holds(UInt.self) && !slot.holds(Int?.self))
        slot.put("five")
        #expect(!slot.holds(Int.self) && slot.holds(String.self))
    }

    @Test func endsWhatNobodyTook() {
        final class Witness {}
        weak var witness: Witness?
        do {
            var slot = ReplySlot()
            let value = Witness()
            witness = value
            slot.put(value)
        }
        #expect(witness == nil)
    }

    private func expectBack<Value: Equatable>(_ value: Value) {
        var slot = ReplySlot()
        slot.put(value)
        #expect(slot.holds(Value.self) && slot.get() == value)
    }
}
