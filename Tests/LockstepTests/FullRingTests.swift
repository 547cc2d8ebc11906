import Lockstep
import LockstepTesting
import Testing

/// A ring of 4,096 bytes holds nine messages of 400 bytes until somebody releases one.
@Suite("A ring that is full", .timeLimit(.minutes(2)))
struct FullRingTests {
    private static let room = 9

    @Test func losesNobodyWhoWaits() async throws {
        try await withTapes(of: 2, ringBytes: 4096) { nodes, tapes in
            let finished = Count()
            let tasks = try await whileBlocked(nodes[1]) {
                let tasks = (0..<200).map { number in
                    Task {
                        try await tapes[0].post(number: number, byteCount: 400)
                        finished.raise()
                    }
                }
                while finished.value < Self.room { await Task.yield() }
                await reachPoller(of: nodes[0])
                #expect(finished.value == Self.room)
                return tasks
            }
            for task in tasks { try await task.value }
            let numbers = try await tapes[1].numbers(atLeast: 200)
            #expect(numbers.sorted() == Array(0..<200))
            #expect(try await tapes[0].numbers(atLeast: 200) == numbers)
        }
    }

    @Test func servesThoseWhoWaitInTheOrderInWhichTheyCame() async throws {
        try await withTapes(of: 2, ringBytes: 4096) { nodes, tapes in
            let tasks = try await whileBlocked(nodes[1]) {
                // On one executor, tasks begin in the order in which they are made.
                let tasks = (0..<100).map { number in
                    Task(executorPreference: nodes[0].executor) {
                        try await tapes[0].post(number: number, byteCount: number % 3 == 0 ? 900 : 4 + number)
                    }
                }
                await reachPoller(of: nodes[0])
                return tasks
            }
            for task in tasks { try await task.value }
            for tape in tapes { #expect(try await tape.numbers(atLeast: 100) == Array(0..<100)) }
        }
    }

    @Test func doesNotHoldBackWhatOthersSend() async throws {
        try await withTapes(of: 3, ringBytes: 4096) { nodes, tapes in
            try await fill(tapes[0], whileBlocking: nodes[2]) {
                try await tapes[1].post(number: 100, byteCount: 400)
            }
            for tape in tapes { #expect(try await tape.numbers(atLeast: Self.room + 1).contains(100)) }
        }
    }

    @Test func letsATaskBeCancelledWhileItWaits() async throws {
        try await withTapes(of: 2, ringBytes: 4096) { nodes, tapes in
            try await fill(tapes[0], whileBlocking: nodes[1]) {
                let posting = Task(executorPreference: nodes[0].executor) {
                    try await tapes[0].post(number: 100, byteCount: 400)
                }
                let sending = Task(executorPreference: nodes[0].executor) {
                    _ = try await tapes[0].send(byteCount: 400) { _ in Issue.record("there is no room") }
                }
                await reachPoller(of: nodes[0])
                for task in [posting, sending] {
                    task.cancel()
                    await #expect(throws: CancellationError.self) { try await task.value }
                }
            }
            try await tapes[0].post(number: Self.room)
            #expect(try await tapes[1].numbers(atLeast: Self.room + 1) == Array(0...Self.room))
        }
    }

    @Test func letsATaskBeCancelledAsItBeginsToWait() async throws {
        try await withTapes(of: 2, ringBytes: 4096) { nodes, tapes in
            try await fill(tapes[0], whileBlocking: nodes[1]) {
                for number in 0..<500 {
                    let task = Task { try await tapes[0].post(number: number, byteCount: 400) }
                    if number % 2 == 0 { await Task.yield() }
                    task.cancel()
                    await #expect(throws: CancellationError.self) { try await task.value }
                }
            }
            #expect(try await tapes[1].numbers(atLeast: Self.room) == Array(0..<Self.room))
        }
    }

    @Test func servesTheNextWhenTheFirstIsCancelled() async throws {
        try await withTapes(of: 2, ringBytes: 4096) { nodes, tapes in
            try await whileBlocked(nodes[1]) {
                for number in 0..<8 { try await tapes[0].post(number: number, byteCount: 400) }
                // There is room for a short message, and not for a long one before it.
                let long = Task(executorPreference: nodes[0].executor) {
                    try await tapes[0].post(number: 100, byteCount: 1008)
                }
                let short = Task(executorPreference: nodes[0].executor) { try await tapes[0].post(number: 8) }
                await reachPoller(of: nodes[0])
                long.cancel()
                try await short.value
            }
            #expect(try await tapes[1].numbers(atLeast: 9) == Array(0...8))
        }
    }

    @Test func failsThoseWhoWaitWhenTheNodeLeaves() async throws {
        try await withTapes(of: 2, ringBytes: 4096) { nodes, tapes in
            try await fill(tapes[0], whileBlocking: nodes[1]) {
                let waiting = (0..<10).map { number in
                    Task(executorPreference: nodes[0].executor) {
                        await code { try await tapes[0].post(number: number, byteCount: 400) }
                    }
                }
                await reachPoller(of: nodes[0])
                await nodes[0].leave()
                for task in waiting { #expect(await task.value == .notMember) }
            }
        }
    }

    @Test func failsThoseWhoWaitAtTheirDeadline() async throws {
        let configure = { @Sendable (configuration: inout NodeConfiguration) in
            configuration.ringBytes = 4096
            configuration.callTimeout = .milliseconds(300)
        }
        try await withCluster(of: 2, configure: configure) { nodes in
            let tapes = try await hostTapes(on: nodes)
            try await fill(tapes[0], whileBlocking: nodes[1]) {
                #expect(await code { try await tapes[0].post(number: 100, byteCount: 400) } == .notExecuted)
            }
            #expect(try await tapes[1].numbers(atLeast: Self.room) == Array(0..<Self.room))
            try await tapes[0].post(number: 9)
            #expect(try await tapes[1].numbers(atLeast: Self.room + 1).last == 9)
        }
    }

    @Test func aMessageWhoseSenderGaveUpIsDeliveredAllTheSame() async throws {
        try await withCluster(of: 2, configure: { $0.callTimeout = .milliseconds(300) }) { nodes in
            let tapes = try await hostTapes(on: nodes)
            try await whileBlocked(nodes[1]) {
                let lost = await code { try await tapes[0].send(byteCount: 4) { $0.write([1, 0, 0, 0]) } }
                #expect(lost == .outcomeUnknown)
            }
            let position = try await tapes[0].send(byteCount: 4) { $0.write([2, 0, 0, 0]) }
            let entries = try await tapes[1].entries(atLeast: 2)
            #expect(entries.map(\.number) == [1, 2] && entries[1].message.position == position)
        }
    }

    // MARK: - Slow members

    @Test func itsStatusNamesWhoIsSlow() async throws {
        try await withTapes(of: 3, ringBytes: 4096) { nodes, tapes in
            try await fill(tapes[0], whileBlocking: nodes[2]) {
                var slow = try await tapes[0].status().slow
                while slow.map(\.name) != ["c"] { slow = try await tapes[0].status().slow }
                #expect(slow[0].positions > 0 && slow[0].duration >= .zero)
                while try await tapes[1].status().slow.map(\.name) != ["c"] { await Task.yield() }
            }
            for tape in tapes {
                while try await !tape.status().slow.isEmpty { await Task.yield() }
            }
        }
    }

    // MARK: - Helpers

    /// Fills a ring while a member that has to release it does not.
    private func fill(
        _ tape: RawGroup<Tape>, whileBlocking node: Node, _ body: () async throws -> Void
    ) async throws {
        try await whileBlocked(node) {
            for number in 0..<Self.room { try await tape.post(number: number, byteCount: 400) }
            try await body()
        }
    }
}
