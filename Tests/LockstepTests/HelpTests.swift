import LockstepTesting
import Synchronization
import Testing

@testable import Lockstep

/// A task on the poller's thread turns the shard that it waits for itself.
@Suite("A task on the poller", .timeLimit(.minutes(2)))
struct HelpTests {
    @Test func sendsAndWaitsLikeAnyOther() async throws {
        try await withTapes { nodes, tapes in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (node, tape) in zip(nodes, tapes) {
                    for _ in 0..<3 {
                        group.addTask(executorPreference: node.executor) {
                            var last: UInt64 = 0
                            for number in 1...300 {
                                let position = try await tape.send(byteCount: 4) {
                                    $0.storeBytes(of: UInt32(number), as: UInt32.self)
                                }
                                #expect(position > last || number == 1)
                                last = position
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let order = try await tapes[0].entries(atLeast: 2700)
            for tape in tapes { #expect(try await tape.entries(atLeast: 2700) == order) }
        }
    }

    /// What it waits for goes past the queue, but not past what it has put there before, nor past other tasks' queries.
    @Test func keepsItsOrderWithWhatItOnlyBegan() async throws {
        let rounds = 200
        try await withCluster(of: 2) { nodes in
            let ledger = try await hostEverywhere("ledger", on: nodes) { Ledger(actorSystem: $0) }[0]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for account in ["x", "y", "z"] {
                    group.addTask(executorPreference: nodes[0].executor) {
                        for round in 0..<rounds {
                            let first = try await ledger.pipeline.deposit(1, to: account)
                            let second = try await ledger.pipeline.deposit(1, to: account)
                            #expect(try await ledger.deposit(1, to: account) == 3 * round + 3)
                            #expect(try await ledger.balance(of: account) == 3 * round + 3)
                            #expect(try await first.value == 3 * round + 1)
                            #expect(try await second.value == 3 * round + 2)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func runsHoweverManyThereAre() async throws {
        try await withCluster(of: 1) { nodes in
            let executor = nodes[0].executor
            await Task(executorPreference: executor) {
                await withTaskGroup { group in
                    // All of them are there before the first runs.
                    for _ in 0..<3 * Poller.jobsPerTurnMax { group.addTask(executorPreference: executor) {} }
                }
            }
            .value
        }
    }

    /// It would be its own deliverer otherwise, and find the group in the middle of a message.
    @Test func doesNotTurnAShardThatDelivers() async throws {
        try await withCluster(of: 1) { nodes in
            let node = nodes[0]
            let answers = Answers()
            let group = try await node.hostRaw("echo") { Echo(answers: answers) }
            answers.group.withLock { $0 = group }
            for _ in 0..<20 { try await group.send(byteCount: 1) { $0.storeBytes(of: 1, as: UInt8.self) } }
            while answers.positions.withLock({ $0.count }) < 20 { await Task.yield() }
            let positions = answers.positions.withLock { $0 }
            #expect(Set(positions).count == 20)
            #expect(try await group.read { $0.received } == 40)
        }
    }

    /// All members have registered a group before the poller is told of its own shard.
    @Test func hostsOneGroupAfterAnother() async throws {
        try await withCluster(of: 1) { nodes in
            try await Task(executorPreference: nodes[0].executor) {
                for round in 0..<20 {
                    let tape = try await nodes[0].hostRaw(GroupID("tape \(round)")) { Tape() }
                    try await tape.send(byteCount: 4) { $0.storeBytes(of: 1, as: UInt32.self) }
                    let ledger = try await nodes[0].host(GroupID("ledger \(round)")) { Ledger(actorSystem: $0) }
                    #expect(try await ledger.deposit(2, to: "x") == 2)
                }
            }
            .value
        }
    }

    /// A task that never has to wait must not keep the loop from what is late.
    @Test func leavesTimeForTheDeadlinesOfOthers() async throws {
        try await withCluster(of: 2, configure: { $0.callTimeout = .milliseconds(200) }) { nodes in
            let tape = try await hostTapes(on: nodes)[0]
            let node = nodes[0]
            let end = Flag()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask(executorPreference: node.executor) {
                    while !end.isSet.load(ordering: .relaxed) {
                        do {
                            try await tape.send(byteCount: 4) { $0.storeBytes(of: 0, as: UInt32.self) }
                        } catch let error as LockstepError where error.code == .outcomeUnknown {
                            // The other member was too late for this one.
                        }
                    }
                }
                // Nobody else hosts it.
                let lonely = try await node.hostRaw("lonely") { Tape() }
                let error = await #expect(throws: LockstepError.self) { try await lonely.send(byteCount: 1) { _ in } }
                #expect(error?.code == .groupNotActive)
                end.isSet.store(true, ordering: .relaxed)
                try await group.waitForAll()
            }
        }
    }
}

private final class Flag: Sendable {
    let isSet = Atomic<Bool>(false)
}

private final class Answers: Sendable {
    let group = Mutex<RawGroup<Echo>?>(nil)
    let positions = Mutex<[UInt64]>([])
}

/// Answers each message of one kind with another, from within its delivery.
private struct Echo: RawReceiver {
    let answers: Answers
    var received = 0

    mutating func receive(_ message: RawMessage, _ bytes: RawSpan) {
        received += 1
        guard bytes.unsafeLoad(as: UInt8.self) == 1 else { return }
        let answers = answers
        Task.immediate {
            guard let group = answers.group.withLock({ $0 }) else { return }
            let position = try await group.send(byteCount: 1) { $0.storeBytes(of: 2, as: UInt8.self) }
            answers.positions.withLock { $0.append(position) }
        }
    }
}
