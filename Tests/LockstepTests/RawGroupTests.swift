import Glibc
import Lockstep
import LockstepTesting
import Testing

@Suite("A raw group", .timeLimit(.minutes(2)))
struct RawGroupTests {
    @Test func everyMemberReceivesTheSameInOneOrder() async throws {
        try await withTapes { _, tapes in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (member, tape) in tapes.enumerated() {
                    for task in 0..<4 {
                        group.addTask {
                            for call in 0..<100 { try await tape.post([UInt8(member), UInt8(task), UInt8(call)]) }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let order = try await tapes[0].entries(atLeast: 1200)
            #expect(order.count == 1200 && Set(order.map(\.bytes)).count == 1200)
            for tape in tapes { #expect(try await tape.entries(atLeast: 1200) == order) }
            #expect(order.allSatisfy { $0.message.sender == Int($0.bytes[0]) })
            #expect(zip(order, order.dropFirst()).allSatisfy { $0.message.position < $1.message.position })
            expectOrderOfTasks(order.map(\.bytes))
        }
    }

    /// What each task sent is in its order.
    private func expectOrderOfTasks(_ messages: [[UInt8]]) {
        var next: [[UInt8]: UInt8] = [:]
        for message in messages {
            let task = Array(message[..<2])
            #expect(message[2] == next[task, default: 0])
            next[task] = message[2] + 1
        }
    }

    @Test func messagesMayHaveAnyLengthUpToTheLongest() async throws {
        try await withTapes(ringBytes: 4096) { _, tapes in
            #expect(tapes.map(\.byteCountMax) == [1008, 1008, 1008])
            let sizes = [0, 1, 7, 15, 16, 17, 1008, 0, 100, 1007, 0, 1008, 1008, 3]
            for size in sizes { try await tapes[0].post(Array(repeating: UInt8(size % 251), count: size)) }
            for tape in tapes {
                let entries = try await tape.entries(atLeast: sizes.count)
                #expect(entries.map(\.bytes.count) == sizes)
                #expect(entries.allSatisfy { $0.bytes.allSatisfy { [count = $0.bytes.count] in $0 == count % 251 } })
            }
            let status = try await tapes[2].status()
            #expect(status.updates == UInt64(sizes.count) && status.isActive && status.group == "tape")
        }
    }

    @Test func aBatchIsSentAsFarAsThereIsRoom() async throws {
        try await withTapes(ringBytes: 4096) { _, tapes in
            var sent = 0
            while sent < 2000 {
                let before = sent
                let count = try await tapes[1].post(upTo: 2000 - sent, byteCount: 16) { number, bytes in
                    bytes.storeBytes(of: UInt32(before + number), as: UInt32.self)
                }
                #expect((1...4096 / 32).contains(count))
                sent += count
            }
            for tape in tapes { #expect(try await tape.numbers(atLeast: 2000) == Array(0..<2000)) }
            let none = try await tapes[1].post(upTo: 0, byteCount: 16) { _, _ in Issue.record("nothing to fill") }
            #expect(none == 0)
        }
    }

    @Test func aSentMessageIsReceivedHereWhenItsPositionIsKnown() async throws {
        try await withTapes { _, tapes in
            var last: UInt64?
            for number in 0..<50 {
                let tape = tapes[number % 3]
                let position = try await tape.send(byteCount: 4) {
                    $0.storeBytes(of: UInt32(number), as: UInt32.self)
                }
                #expect(last.map { $0 < position } ?? true)
                last = position
                let entry = try await tape.entries().last { $0.message.position == position }
                #expect(entry?.number == number && entry?.message.sender == number % 3)
            }
        }
    }

    @Test func manyTasksThatSendGetPositionsOfTheirOwn() async throws {
        try await withTapes { _, tapes in
            let positions = try await withThrowingTaskGroup(of: (Int, UInt64).self) { group in
                for number in 0..<300 {
                    group.addTask {
                        (
                            number,
                            try await tapes[number % 3].send(byteCount: 4) {
                                $0.storeBytes(of: UInt32(number), as: UInt32.self)
                            }
                        )
                    }
                }
                return try await group.reduce(into: [:]) { $0[$1.1] = $1.0 }
            }
            #expect(positions.count == 300)
            for entry in try await tapes[0].entries(atLeast: 300) {
                #expect(positions[entry.message.position] == entry.number)
            }
        }
    }

    @Test func aClosureThatThrowsWithdrawsItsMessageAlone() async throws {
        struct Regret: Error {}
        try await withTapes(ringBytes: 4096) { _, tapes in
            // Often enough to go round the ring, so that what was withdrawn is free again.
            for number in 0..<200 {
                await #expect(throws: Regret.self) {
                    try await tapes[0].post(byteCount: 500) { _ in throw Regret() }
                }
                await #expect(throws: Regret.self) { try await tapes[0].send(byteCount: 0) { _ in throw Regret() } }
                try await tapes[0].post(number: number)
            }
            for tape in tapes { #expect(try await tape.numbers(atLeast: 200) == Array(0..<200)) }
        }
    }

    @Test func aBatchThatThrowsIsSentUpToThere() async throws {
        struct Regret: Error {}
        try await withTapes { _, tapes in
            await #expect(throws: Regret.self) {
                try await tapes[0].post(upTo: 10, byteCount: 8) { number, bytes in
                    guard number < 4 else { throw Regret() }
                    bytes.storeBytes(of: UInt32(number), as: UInt32.self)
                }
            }
            try await tapes[0].post(number: 4)
            for tape in tapes { #expect(try await tape.numbers(atLeast: 5) == [0, 1, 2, 3, 4]) }
        }
    }

    @Test func messagesWaitUntilEveryMemberHostsTheGroup() async throws {
        try await withCluster(of: 2) { nodes in
            let first = try await nodes[0].hostRaw("tape") { Tape() }
            let posting = Task(executorPreference: nodes[0].executor) { try await first.post(number: 7) }
            await reachPoller(of: nodes[0])
            #expect(try await first.status().missing == ["b"])
            let second = try await nodes[1].hostRaw("tape") { Tape() }
            try await posting.value
            #expect(try await second.numbers(atLeast: 1) == [7])
        }
    }

    @Test func theReceiverCanBeReadAndChanged() async throws {
        try await withTapes(of: 1) { _, tapes in
            _ = try await tapes[0].send(byteCount: 1) { $0.write([9]) }
            let taken = try await tapes[0].read { tape in
                defer { tape.entries = [] }
                return tape.entries.map(\.bytes)
            }
            #expect(taken == [[9]])
            #expect(try await tapes[0].entries().isEmpty)
        }
    }

    // MARK: - Members that do not send

    @Test func aMemberThatDoesNotSendReceivesAndIsRefused() async throws {
        try await withCluster(of: 3) { nodes in
            let tapes = try await hostTapes(on: nodes) { place in
                var options = GroupOptions()
                options.sends = place != 1
                return options
            }
            #expect(tapes[1].byteCountMax == 0 && tapes[0].byteCountMax > 0)
            #expect(await code { try await tapes[1].post(number: 1) } == .notSender)
            #expect(await code { try await tapes[1].send(byteCount: 0) { _ in } } == .notSender)
            #expect(await code { try await tapes[1].post(upTo: 3, byteCount: 8) { _, _ in } } == .notSender)
            for number in 0..<100 { try await tapes[number % 2 * 2].post(number: number) }
            let order = try await tapes[1].entries(atLeast: 100)
            #expect(try await tapes[0].entries(atLeast: 100) == order)
            #expect(Set(order.map(\.message.sender)) == [0, 2])
        }
    }

    @Test func aLedgerThatDoesNotSendKeepsUpAndRefusesCalls() async throws {
        try await withCluster(of: 2) { nodes in
            var options = GroupOptions()
            options.sends = false
            let sender = try await nodes[0].host("ledger") { Ledger(actorSystem: $0) }
            let silent = try await nodes[1].host("ledger", options: options) { Ledger(actorSystem: $0) }
            #expect(await code { _ = try await silent.deposit(1, to: "x") } == .notSender)
            #expect(try await silent.balance(of: "x") == 0)
            for round in 1...20 { #expect(try await sender.deposit(1, to: "x") == round) }
            while try await silent.group.status().updates < 20 { await Task.yield() }
            let hashes = [try await sender.group.status(), try await silent.group.status()].map(\.stateHash)
            #expect(hashes[0] == hashes[1])
        }
    }

    // MARK: - In the order of each sender

    @Test func withoutATotalOrderNobodyWaitsForASlowMember() async throws {
        try await withTapes(order: .senders) { nodes, tapes in
            let stable = Count()
            let sending = try await whileBlocked(nodes[2]) {
                let sending = Task {
                    defer { stable.raise() }
                    return try await tapes[0].send(byteCount: 4) { $0.write([1, 0, 0, 0]) }
                }
                for tape in tapes[..<2] {
                    let numbers = try await tape.numbers(atLeast: 1)
                    #expect(numbers == [1])
                }
                #expect(stable.value == 0, "the third member has not received it")
                return sending
            }
            let position = try await sending.value
            for tape in tapes { #expect(try await tape.entries(atLeast: 1).map(\.message.position) == [position]) }
        }
    }

    @Test func withoutATotalOrderEachSendersMessagesKeepTheirs() async throws {
        try await withTapes(ringBytes: 4096, order: .senders) { _, tapes in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for tape in tapes {
                    group.addTask { for number in 0..<500 { try await tape.post(number: number, byteCount: 40) } }
                }
                try await group.waitForAll()
            }
            for tape in tapes {
                let entries = try await tape.entries(atLeast: 1500)
                for sender in 0..<3 {
                    let own = entries.filter { $0.message.sender == sender }
                    #expect(own.map(\.number) == Array(0..<500))
                }
            }
        }
    }

    // MARK: - On the poller

    @Test func tasksOnThePollerSendFromThere() async throws {
        try await withTapes(ringBytes: 4096) { nodes, tapes in
            let thread = try await nodes[0].runOnPoller { _, _ in currentThread() }
            try await Task(executorPreference: nodes[0].executor) {
                for number in 0..<1000 {
                    #expect(currentThread() == thread)
                    try await tapes[0].post(number: number, byteCount: 40)
                    if number % 100 == 0 { _ = try await tapes[0].send(byteCount: 4) { $0.write([0, 0, 0, 0]) } }
                }
            }.value
            for tape in tapes {
                let numbers = try await tape.entries(atLeast: 1010).filter { $0.bytes.count == 40 }.map(\.number)
                #expect(numbers == Array(0..<1000))
            }
        }
    }

    @Test
    func tasksOnThePollerEndWhenTheNodeLeaves() async throws {
        try await withTapes(of: 1, ringBytes: 4096) { nodes, tapes in
            let posting = Task(executorPreference: nodes[0].executor) {
                await code { while true { try await tapes[0].post(number: 1) } }
            }
            _ = try await tapes[0].entries(atLeast: 1)
            await nodes[0].leave()
            #expect(await posting.value == .notMember)
            await Task(executorPreference: nodes[0].executor) { await Task.yield() }.value
        }
    }
}

private func currentThread() -> pthread_t { pthread_self() }
